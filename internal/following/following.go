// Package following tells people of public cases that they asked to be told of:
// one case, or whatever new answer matches a search.
//
// An address is told nothing before its owner confirmed it from a mail, and
// whether an address is known, or a case exists that is not public, shows in no
// answer. What goes out is read from the store at the last moment: of a case
// that was taken down meanwhile nothing is told.
package following

import (
	"context"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	mails "hienke/internal/mail"
	"hienke/internal/seal"
	"hienke/internal/search"
	"hienke/internal/store"
)

const (
	// confirmWithin is how long a link to confirm is good for.
	confirmWithin = 7 * 24 * time.Hour
	// digestEvery is how often somebody is told of new answers at most.
	digestEvery = 24 * time.Hour
	// MaxQuery bounds a saved search, in bytes of its address.
	MaxQuery = 1000
	// maxFollows bounds what one address follows. It is looked at when somebody
	// confirms, not when somebody asks: there it would show who is known.
	maxFollows = 100
	// maxEmail is the longest address that SMTP carries (RFC 5321).
	maxEmail = 254
)

// Mails that anybody can have sent to an address that is not theirs are few:
// five at once and one an hour; and an address on the network asks for twenty.
var (
	perMailbox = limit.Rule{Name: "follow.mailbox", Burst: 5, Every: time.Hour}
	perAddress = limit.Rule{Name: "follow.address", Burst: 20, Every: 5 * time.Minute}
)

// Service follows. All fields but Mail, Ledger, Committed and Noted are required.
type Service struct {
	Store  store.Store
	Keys   *seal.Keys
	Limits limit.Limiter
	// Mail is nil where none is configured; then nobody can follow.
	Mail mails.Sender
	// Draw writes a mail from a template.
	Draw func(name string, lang civic.Language, values any) (mails.Mail, error)
	// Query reads a saved search.
	Query func(saved string) search.Query
	// Thesaurus says which names of a saved search stand for the same.
	Thesaurus *search.Thesaurus
	// Describe says in words what a saved search is about.
	Describe func(saved string, lang civic.Language) string
	Now      func() time.Time
	// PublicURL is the address of the site, without a slash at the end.
	PublicURL string
	// Ledger is nil where none is configured.
	Ledger Ledger
	// Committed is told that the outbox has something new.
	Committed func()
	// Noted is told that an answer waits for somebody's digest. It may be nil.
	Noted func()

	searches savedSearches
}

// Wish is what somebody wants to follow: a case, or a search.
type Wish struct {
	Case     civic.Code // empty: a search
	Query    string     // the search as the address of the page says it, canonical
	Email    string
	Language civic.Language
}

// Enabled reports whether anybody can be told.
func (s *Service) Enabled() bool { return s.Mail != nil }

// Ask keeps a wish and mails a link to confirm it. Whatever was known before,
// the answer is the same, nil, and so is the work. A case that is not public is NotFound, as it is
// on its page.
func (s *Service) Ask(ctx context.Context, from string, w Wish) error {
	w.Email = strings.TrimSpace(w.Email)
	if err := checkEmail(w.Email); err != nil {
		return err
	}
	if w.Case == "" && (w.Query == "" || len(w.Query) > MaxQuery) {
		return errs.New(errs.Invalid, "follow.nothing")
	}
	if w.Case != "" {
		if _, err := s.public(ctx, w.Case); err != nil {
			return err
		}
	}
	pseudonym := s.Keys.Pseudonym("following", strings.ToLower(w.Email))
	if !s.Limits.Allow(ctx, perAddress, s.Keys.Pseudonym(perAddress.Name, from)).Allowed ||
		!s.Limits.Allow(ctx, perMailbox, pseudonym).Allowed {
		return nil // said as if it had been sent: the limit must not tell what is known
	}
	wrapped, sealed, err := s.Keys.SealContact(civic.Code(pseudonym), civic.Contact{Email: w.Email})
	if err != nil {
		return fmt.Errorf("seal the address: %w", err)
	}
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		who, err := tx.Following().Subscribe(ctx, store.Subscriber{
			Pseudonym: pseudonym, Contact: store.SealedContact{WrappedKey: wrapped, Sealed: sealed}, Language: w.Language, CreatedAt: now,
		})
		if err != nil {
			return err
		}
		follow := store.Follow{Subscriber: who.ID, Query: w.Query, CreatedAt: now}
		if w.Case != "" {
			sub, err := tx.Submissions().GetByCode(ctx, w.Case)
			if err != nil || !sub.Visibility.Public() {
				return err
			}
			follow.Submission, follow.Query = sub.ID, ""
		}
		if follow, err = tx.Following().Add(ctx, follow); err != nil {
			return err
		}
		_, err = tx.Outbox().Put(ctx, store.Job{Kind: store.JobFollowConfirm, Subject: follow.ID, CreatedAt: now})
		return err
	})
	if err != nil {
		return fmt.Errorf("keep what somebody wants to follow: %w", err)
	}
	s.committed()
	return nil
}

func (s *Service) committed() {
	if s.Committed != nil {
		s.Committed()
	}
}

func checkEmail(address string) error {
	field := errs.Field{Name: "email", Code: "field.required"}
	if address != "" {
		field.Code = "field.not_an_email"
		parsed, err := mail.ParseAddress(address)
		if err == nil && parsed.Address == address && len(address) <= maxEmail {
			return nil
		}
	}
	return errs.InvalidFields(field)
}

// public returns a case as everybody may read it, or NotFound or Gone.
func (s *Service) public(ctx context.Context, code civic.Code) (sub civic.Submission, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		if sub, err = tx.Submissions().GetByCode(ctx, code); err != nil {
			return err
		}
		return visible(sub)
	})
	if err != nil {
		return civic.Submission{}, fmt.Errorf("look at the case: %w", err)
	}
	return sub, nil
}

func visible(sub civic.Submission) error {
	switch {
	case sub.Visibility == civic.TakenDown:
		return errs.New(errs.Gone, "submission.taken_down")
	case !sub.Visibility.Public():
		return errs.New(errs.NotFound, "submission.not_found")
	}
	return nil
}

// Followed is one thing that somebody follows, in words.
type Followed struct {
	ID        int64
	Code      civic.Code     // empty: a search
	Title     string         // of the case; empty where it is not public any more
	Language  civic.Language // of Title
	Query     string
	Confirmed bool
	Stamp     string // opens this one alone
}

// Person is a subscriber as the own page shows it.
type Person struct {
	ID      int64
	Stamp   string
	Follows []Followed
}

// The stamps in links. They name what they open, and when it was made, so that
// no link opens anything that came later.
const (
	forFollow = "follow"
	forPerson = "following"
)

func (s *Service) followStamp(f store.Follow) string {
	return s.Keys.Stamp(forFollow, strconv.FormatInt(f.ID, 10)+"."+strconv.FormatInt(f.CreatedAt.UnixMicro(), 10))
}

func (s *Service) personStamp(who store.Subscriber) string {
	return s.Keys.Stamp(forPerson, strconv.FormatInt(who.ID, 10)+"."+who.Pseudonym)
}

// errLink says that a link opens nothing: it is wrong, or what it opened was
// ended.
var errLink = errs.New(errs.Gone, "follow.gone")

// Follow opens one follow by the link from a mail.
func (s *Service) Follow(ctx context.Context, id int64, stamp string) (out Followed, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		f, err := s.open(ctx, tx, id, stamp)
		if err != nil {
			return err
		}
		out, err = s.inWords(ctx, tx, f)
		return err
	})
	if err != nil {
		return Followed{}, fmt.Errorf("open what is followed: %w", err)
	}
	return out, nil
}

func (s *Service) open(ctx context.Context, tx store.Tx, id int64, stamp string) (store.Follow, error) {
	f, err := tx.Following().Get(ctx, id)
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return f, errLink
	}
	if err != nil {
		return f, err
	}
	late := f.ConfirmedAt.IsZero() && s.Now().Sub(f.CreatedAt) > confirmWithin
	if late || !s.Keys.StampMatches(forFollow, strconv.FormatInt(f.ID, 10)+"."+strconv.FormatInt(f.CreatedAt.UnixMicro(), 10), stamp) {
		return f, errLink
	}
	return f, nil
}

func (s *Service) inWords(ctx context.Context, tx store.Tx, f store.Follow) (Followed, error) {
	out := Followed{ID: f.ID, Query: f.Query, Confirmed: !f.ConfirmedAt.IsZero(), Stamp: s.followStamp(f)}
	if f.Submission == 0 {
		return out, nil
	}
	sub, err := tx.Submissions().Get(ctx, f.Submission)
	if err != nil {
		return out, err
	}
	out.Code = sub.Code
	if sub.Visibility.Public() {
		out.Title, out.Language = sub.PublicTitle, sub.Language
	}
	return out, nil
}

// Confirm begins to tell, and returns the address of the own page. One more than
// anybody may follow is Conflict with code follow.too_many.
func (s *Service) Confirm(ctx context.Context, id int64, stamp string) (path string, err error) {
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		f, err := s.open(ctx, tx, id, stamp)
		if err != nil {
			return err
		}
		who, err := tx.Following().Subscriber(ctx, f.Subscriber)
		if err != nil {
			return err
		}
		have, err := tx.Following().List(ctx, who.ID) // what is confirmed
		if err != nil {
			return err
		}
		if len(have) >= maxFollows && f.ConfirmedAt.IsZero() {
			return errs.New(errs.Conflict, "follow.too_many")
		}
		path = s.personPath(who)
		return tx.Following().Confirm(ctx, f.ID, s.Now())
	})
	if err != nil {
		return "", fmt.Errorf("confirm: %w", err)
	}
	return path, nil
}

// End stops following one thing, in backups that are restored, too. What was
// ended before is no error.
func (s *Service) End(ctx context.Context, id int64, stamp string) error {
	var end Ended
	err := s.Store.View(ctx, func(tx store.Tx) error {
		f, err := s.open(ctx, tx, id, stamp)
		if err != nil {
			return err
		}
		who, err := tx.Following().Subscriber(ctx, f.Subscriber)
		end = Ended{Pseudonym: who.Pseudonym, Follow: f.CreatedAt, At: s.Now()}
		return err
	})
	if err == nil {
		err = s.noted(ctx, end, func(tx store.Tx) error { return tx.Following().Remove(ctx, id) })
	}
	if err != nil && errs.CodeOf(err) != "follow.gone" {
		return fmt.Errorf("stop following: %w", err)
	}
	return nil
}

// Person opens the own page of a subscriber by the link from a mail.
func (s *Service) Person(ctx context.Context, id int64, stamp string) (p Person, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		who, err := s.person(ctx, tx, id, stamp)
		if err != nil {
			return err
		}
		p = Person{ID: who.ID, Stamp: stamp}
		list, err := tx.Following().List(ctx, who.ID)
		if err != nil {
			return err
		}
		for _, f := range list {
			one, err := s.inWords(ctx, tx, f)
			if err != nil {
				return err
			}
			p.Follows = append(p.Follows, one)
		}
		return nil
	})
	if err != nil {
		return Person{}, fmt.Errorf("show what somebody follows: %w", err)
	}
	return p, nil
}

func (s *Service) person(ctx context.Context, tx store.Tx, id int64, stamp string) (store.Subscriber, error) {
	who, err := tx.Following().Subscriber(ctx, id)
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return who, errLink
	}
	if err == nil && !s.Keys.StampMatches(forPerson, strconv.FormatInt(who.ID, 10)+"."+who.Pseudonym, stamp) {
		return who, errLink
	}
	return who, err
}

// EndAll stops following everything and forgets the address, in backups that
// are restored, too. What was ended before is no error.
func (s *Service) EndAll(ctx context.Context, id int64, stamp string) error {
	var end Ended
	err := s.Store.View(ctx, func(tx store.Tx) error {
		who, err := s.person(ctx, tx, id, stamp)
		end = Ended{Pseudonym: who.Pseudonym, At: s.Now()}
		return err
	})
	if err == nil {
		err = s.noted(ctx, end, func(tx store.Tx) error { return tx.Following().RemoveSubscriber(ctx, id) })
	}
	if err != nil && errs.CodeOf(err) != "follow.gone" {
		return fmt.Errorf("stop following everything: %w", err)
	}
	return nil
}

func (s *Service) personPath(who store.Subscriber) string {
	return "/" + string(who.Language) + "/following/" + strconv.FormatInt(who.ID, 10) + "/" + url.PathEscape(s.personStamp(who))
}

func (s *Service) followPath(lang civic.Language, act string, f store.Follow) string {
	return "/" + string(lang) + "/following/" + act + "/" + strconv.FormatInt(f.ID, 10) + "/" + url.PathEscape(s.followStamp(f))
}
