package notices

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

const (
	// LettersAtOnce bounds a page of letters, and what is printed in one go: a
	// stack that fits a desk printer.
	LettersAtOnce = 50
	// UndoWithin is how long the list shows what was posted, so that a wrong
	// click can be taken back.
	UndoWithin = 7 * 24 * time.Hour
)

// lookReason stands in the log of looks at contacts for every letter that was
// printed.
const lookReason = "In thư để gửi qua bưu điện"

// ToPost is the list of letters as one person sees it: whose name and address
// they may learn, and neither of the two.
type ToPost struct {
	Waiting []store.Letter // the oldest first, up to LettersAtOnce
	Total   int            // of those that wait
	Posted  []store.Letter // lately, the newest first
	// Protected counts letters to those who accuse a named body or official,
	// which only data protection prints.
	Protected int
}

// queries are what the letters of a person are found by.
func (s *Service) queries(actor civic.Actor, q store.LettersQuery) []store.LettersQuery {
	if actor.Bound() {
		q.Scope = append([]civic.AgencyCode{}, s.Registry.Subtree(actor.Agency)...)
	}
	list := []store.LettersQuery{q}
	if actor.SeesProtected() {
		q.Protected = true
		list = append(list, q)
	}
	return list
}

// letters gives the letters of a person.
func (s *Service) letters(ctx context.Context, tx store.Tx, actor civic.Actor, q store.LettersQuery) (out store.LettersPage, err error) {
	for _, q := range s.queries(actor, q) {
		page, err := tx.Messages().Letters(ctx, q)
		if err != nil {
			return out, err
		}
		out.Total, out.Items = out.Total+page.Total, append(out.Items, page.Items...)
	}
	return out, nil
}

// ListToPost returns the letters that wait, and those posted lately.
func (s *Service) ListToPost(ctx context.Context, actor civic.Actor) (out ToPost, err error) {
	if err := actor.CheckPermission(civic.PostLetters); err != nil {
		return ToPost{}, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		out = ToPost{}
		waiting, err := s.letters(ctx, tx, actor, store.LettersQuery{Limit: LettersAtOnce})
		if err != nil {
			return err
		}
		posted, err := s.letters(ctx, tx, actor, store.LettersQuery{PostedSince: s.Now().Add(-UndoWithin), Limit: LettersAtOnce})
		if err != nil {
			return err
		}
		out.Waiting, out.Total, out.Posted = waiting.Items[:min(len(waiting.Items), LettersAtOnce)], waiting.Total, posted.Items
		if actor.SeesProtected() {
			return nil
		}
		q := s.queries(actor, store.LettersQuery{})[0]
		q.Protected = true
		held, err := tx.Messages().Letters(ctx, q)
		out.Protected = held.Total
		return err
	})
	if err != nil {
		return ToPost{}, fmt.Errorf("list the letters: %w", err)
	}
	return out, nil
}

// CountToPost counts the letters that wait for a person.
func (s *Service) CountToPost(ctx context.Context, actor civic.Actor) (n int, err error) {
	if err := actor.CheckPermission(civic.PostLetters); err != nil {
		return 0, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		page, err := s.letters(ctx, tx, actor, store.LettersQuery{})
		n = page.Total
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count the letters: %w", err)
	}
	return n, nil
}

// Letter is one letter as it is printed.
type Letter struct {
	Mark
	Code     civic.Code
	Kind     civic.MessageKind
	Language civic.Language
	Name     string
	Address  string
	Subject  string
	Parts    []Part
}

// Mark names a letter in the state in which somebody saw it.
type Mark struct {
	Message int64
	Version int
}

// Part is a piece of a letter: some paragraphs, or a small table.
type Part struct {
	Quoted     bool
	Paragraphs [][]string // lines
	Facts      [][2]string
}

// Print writes the letters with these ids, and logs for each that the person
// saw name and address, in the same transaction: what is not logged is not
// shown. What there is no reason to send any more is taken off the list and
// left out, as is what somebody else posted meanwhile.
func (s *Service) Print(ctx context.Context, actor civic.Actor, ids []int64) (out []Letter, err error) {
	if len(ids) == 0 || len(ids) > LettersAtOnce {
		return nil, errs.InvalidFields(errs.Field{Name: "letter", Code: "field.required"})
	}
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		out = nil
		for _, id := range ids {
			m, sub, err := s.mayPost(ctx, tx, actor, id)
			if err != nil {
				return err
			}
			if m.State != civic.MessageQueued {
				continue
			}
			l, unsent, err := s.onPaper(ctx, tx, m)
			if err != nil {
				return err
			}
			if unsent != "" {
				if _, err := tx.Messages().Settle(ctx, id, civic.MessageNotSent, unsent, now); err != nil {
					return err
				}
				continue
			}
			out = append(out, l)
			look := store.Look{Submission: sub.ID, User: actor.User, Role: actor.Role, Agency: sub.Agency, At: now, Reason: lookReason}
			if err := tx.Looks().Add(ctx, look); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("print letters: %w", err)
	}
	return out, nil
}

// mayPost returns a letter with its submission, which has the agency of what it
// follows, if the person may see it; else NotFound or Forbidden.
func (s *Service) mayPost(ctx context.Context, tx store.Tx, actor civic.Actor, id int64) (civic.Message, civic.Submission, error) {
	m, err := tx.Messages().Get(ctx, id)
	if err == nil && m.Way != civic.ByPost {
		err = errs.New(errs.NotFound, "message.not_found")
	}
	if err != nil {
		return m, civic.Submission{}, err
	}
	sub, err := tx.Submissions().Get(ctx, m.Submission)
	if err != nil {
		return m, sub, err
	}
	if sub.State == civic.Merged {
		root, err := tx.Submissions().Get(ctx, sub.Root)
		if err != nil {
			return m, sub, err
		}
		sub.Agency, sub.Restricted = root.Agency, sub.Restricted || root.Restricted
	}
	return m, sub, actor.LetterNeed(s.Registry, &sub)
}

// onPaper writes a letter, or says why none is to be sent any more.
func (s *Service) onPaper(ctx context.Context, tx store.Tx, m civic.Message) (Letter, string, error) {
	who, unsent, err := s.whom(ctx, tx, m)
	if err != nil || unsent != "" {
		return Letter{}, unsent, err
	}
	if who.contact.Address == "" {
		return Letter{}, ReasonNoAddress, nil
	}
	if who.reach.Language != "" {
		m.Language = who.reach.Language
	}
	l, err := s.letter(ctx, tx, m, who.sub, who.contact.Name)
	if errors.Is(err, errOutdated) {
		return Letter{}, ReasonOutdated, nil
	}
	if err != nil {
		return Letter{}, "", err
	}
	subject, blocks, err := fill(named(m.Kind, l, false), m.Language, l)
	out := Letter{
		Mark: Mark{m.ID, m.Version}, Code: who.sub.Code, Kind: m.Kind, Language: m.Language,
		Name: who.contact.Name, Address: who.contact.Address, Subject: withoutCode(subject, l.Code), Parts: parts(blocks),
	}
	return out, "", err
}

// parts are the blocks of a letter without what is about mails.
func parts(blocks []block) (out []Part) {
	for _, b := range blocks {
		if !b.small {
			out = append(out, Part{Quoted: b.kind == quote, Paragraphs: paragraphs(b.lines), Facts: b.facts})
		}
	}
	return out
}

// DrawOnPaper is Draw for a letter that is printed. code is what its subject ends
// with and the sheet says above.
func DrawOnPaper(name string, lang civic.Language, values any, code string) (subject string, out []Part, err error) {
	subject, blocks, err := fill(name, lang, values)
	return withoutCode(subject, code), parts(blocks), err
}

// withoutCode is a subject without the code at its end: a letter says it above.
func withoutCode(subject, code string) string {
	for _, end := range []string{" – mã " + code, " – " + code} {
		subject = strings.TrimSuffix(subject, end)
	}
	return subject
}

// Post notes that letters were posted, and returns how many of them were not
// noted before. One that changed since it was seen is Conflict with code
// message.moved_on, and nothing is noted.
func (s *Service) Post(ctx context.Context, actor civic.Actor, marks []Mark) (n int, err error) {
	if len(marks) == 0 || len(marks) > LettersAtOnce {
		return 0, errs.InvalidFields(errs.Field{Name: "letter", Code: "field.required"})
	}
	marks = slices.Clone(marks)
	slices.SortFunc(marks, func(a, b Mark) int { return int(a.Message - b.Message) }) // two who click at once lock alike
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		n = 0
		for _, mark := range marks {
			if _, _, err := s.mayPost(ctx, tx, actor, mark.Message); err != nil {
				return err
			}
			first, err := tx.Messages().Posted(ctx, mark.Message, mark.Version, actor.User, now)
			if err != nil {
				return err
			}
			if first {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("note what was posted: %w", err)
	}
	return n, nil
}

// Unpost takes back that a letter was posted.
func (s *Service) Unpost(ctx context.Context, actor civic.Actor, mark Mark) error {
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		if _, _, err := s.mayPost(ctx, tx, actor, mark.Message); err != nil {
			return err
		}
		_, err := tx.Messages().Unposted(ctx, mark.Message, mark.Version)
		return err
	})
	if err != nil {
		return fmt.Errorf("take back that a letter was posted: %w", err)
	}
	return nil
}
