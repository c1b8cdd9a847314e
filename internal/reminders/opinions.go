package reminders

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// opinionStep is the step of a prompt about a late opinion, in front of its id.
const opinionStep = "opinion:"

// sweepOpinions reminds of opinions that are late, each once: those who are to
// give it, and those who handle the case and wait for it.
func (s *Service) sweepOpinions(ctx context.Context, now time.Time) (n int, err error) {
	var late []store.OpinionRequest
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		late, err = tx.Opinions().NewlyLate(ctx, now, atOnce)
		return err
	})
	if err != nil || len(late) == 0 {
		return 0, err
	}
	return len(late), s.Store.Do(ctx, func(tx store.Tx) error {
		staff, err := s.staff(ctx, tx, now)
		if err != nil {
			return err
		}
		for _, r := range late {
			first, err := tx.Opinions().NoteLate(ctx, r.ID)
			if err != nil {
				return err
			}
			if !first { // another worker was quicker
				continue
			}
			if err := s.promptOpinion(ctx, tx, staff, r, now); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) promptOpinion(ctx context.Context, tx store.Tx, staff civic.Staff, r store.OpinionRequest, now time.Time) error {
	prompt := store.Prompt{Submission: r.Submission, Step: opinionStep + strconv.FormatInt(r.ID, 10), DueAt: r.DueAt}
	id, first, err := tx.Prompts().Claim(ctx, prompt, now)
	if err != nil || !first {
		return err
	}
	told := advisers(staff, r.Agency)
	for _, user := range staff.Handlers(r.Case) {
		if !slices.Contains(told, user) {
			told = append(told, user)
		}
	}
	for _, user := range told {
		mail, err := tx.StaffMails().Queue(ctx, user, store.MailEscalation, now, s.closes(now))
		if err != nil {
			return err
		}
		if err := tx.Prompts().Tell(ctx, id, mail); err != nil {
			return err
		}
	}
	return nil
}

// advisers are those who give the opinions of an agency: who handles cases
// there, which is who leads it, or else its officers, or else who leads the
// nearest agency above.
func advisers(staff civic.Staff, agency civic.AgencyCode) []civic.UserID {
	return staff.Handlers(civic.Submission{Agency: agency})
}

// promptedOpinion is the line of a late opinion, or false when the prompt is
// about something else, or the opinion is not waited for any more.
func (s *Service) promptedOpinion(ctx context.Context, tx store.Tx, p store.Prompt, sub civic.Submission, now time.Time) (line, bool, error) {
	number, is := strings.CutPrefix(p.Step, opinionStep)
	if !is {
		return line{}, false, nil
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return line{}, false, fmt.Errorf("read the step of a prompt: %w", err)
	}
	o, err := tx.Opinions().Get(ctx, id)
	if err != nil || o.State != civic.OpinionAsked {
		return line{}, false, err
	}
	return s.opinionLine(store.OpinionRequest{Opinion: o, Case: sub}, now), true, nil
}

// opinionLine tells of a request against its own deadline.
func (s *Service) opinionLine(r store.OpinionRequest, now time.Time) line {
	out := s.line(civic.Staff{Registry: s.Registry}, civic.Submission{Code: r.Case.Code, Kind: r.Case.Kind, Agency: r.Agency}, r.DueAt, now)
	out.Where = "ý kiến của " + out.Where
	return out
}

// opinionSections are the opinions that somebody is to give, and those that
// came since the last day that was worked, for whoever handles the case.
func (s *Service) opinionSections(ctx context.Context, tx store.Tx, staff civic.Staff, u civic.User, now time.Time) (asked, came section, err error) {
	asked.Title, came.Title = "Chờ cơ quan ông/bà cho ý kiến", "Ý kiến mới nhận được"
	if civic.StaffOf(u).Bound() && civic.StaffOf(u).May(civic.HandleCase) {
		waiting, err := tx.Opinions().Waiting(ctx, s.Registry.Subtree(u.Agency), looked)
		if err != nil {
			return asked, came, err
		}
		for _, r := range waiting {
			if r.Agency == u.Agency || slices.Contains(advisers(staff, r.Agency), u.ID) {
				asked.Total++
				asked.Cases = append(asked.Cases, s.opinionLine(r, now))
			}
		}
	}
	given, err := tx.Opinions().Settled(ctx, s.lastMorning(now), looked)
	if err != nil {
		return asked, came, err
	}
	for _, r := range given {
		if slices.Contains(staff.Handlers(r.Case), u.ID) {
			l := s.opinionLine(r, now)
			l.Due = map[civic.OpinionState]string{civic.OpinionGiven: "đã có ý kiến", civic.OpinionDeclined: "từ chối cho ý kiến"}[r.State]
			came.Total++
			came.Cases = append(came.Cases, l)
		}
	}
	return asked, came, nil
}

// lastMorning is when the morning mail went out on the last day that was worked
// before today.
func (s *Service) lastMorning(now time.Time) time.Time {
	calendar, at := s.Times.Now().Calendar, civic.DateOf(now).Start()
	for {
		if at = at.AddDate(0, 0, -1); calendar.IsWorkingDay(civic.DateOf(at)) {
			return at.Add(s.Registry.Reminders.DigestAt).UTC()
		}
	}
}
