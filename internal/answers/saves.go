package answers

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/prose"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

const (
	// savesKept is how many earlier wordings of a draft stay: some days of work.
	savesKept = 50
	// saveSpan is how long saves of one person by themselves are one wording: a
	// list of every few seconds helps nobody.
	saveSpan = 5 * time.Minute
	// windowsKnown is how many windows may write beside each other, each its own
	// wording.
	windowsKnown = 5
)

// keepSave adds a wording to the history of a draft. The same words as the last
// are no new wording, and what somebody saves by itself within a short time is
// one as long as each grew out of the one before: another window of the same
// person writes a wording of its own.
func keepSave(ctx context.Context, tx store.Tx, s civic.AnswerSave) error {
	if s.By == 0 { // a command: nobody to name
		return nil
	}
	last, err := tx.AnswerSaves().List(ctx, s.Submission, windowsKnown)
	if err != nil {
		return err
	}
	for i, before := range last {
		if before.By != s.By {
			continue
		}
		same := before.Text == s.Text && before.Outcome == s.Outcome
		fresh := before.Auto && s.At.Sub(before.At) < saveSpan && grew(before.Text, s.Text)
		if i == 0 && same && (s.Auto || !before.Auto) {
			return nil
		}
		if i == 0 && same || fresh {
			s.ID = before.ID
			if !same {
				s.At = before.At // the span counts from its begin
			}
			return tx.AnswerSaves().Update(ctx, s)
		}
	}
	if _, err := tx.AnswerSaves().Add(ctx, s); err != nil {
		return err
	}
	return tx.AnswerSaves().Trim(ctx, s.Submission, savesKept)
}

// grew reports whether a text came out of another by writing on: it holds at
// least three quarters of that at its two ends. What somebody throws away at once
// stays in the history.
func grew(before, now string) bool {
	a, b := []rune(before), []rune(now)
	most := min(len(a), len(b))
	head, tail := 0, 0
	for head < most && a[head] == b[head] {
		head++
	}
	for tail < most-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return 4*(head+tail) >= 3*len(a)
}

// Save keeps what somebody is writing, by itself. It is no act on the case: no
// version rises and nobody else's text is touched.
func (s *Service) Save(ctx context.Context, actor civic.Actor, code civic.Code, text string, outcome civic.Outcome) error {
	text = prose.Tidy(vitext.Normalize(text))
	if n := utf8.RuneCountInString(text); n > civic.MaxAnswer {
		return errs.InvalidFields(errs.Field{Name: "text", Code: "field.too_long", Params: params("max", civic.MaxAnswer, "got", n)})
	}
	if !outcome.Valid() {
		outcome = ""
	}
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if err := actor.Check(s.Registry, civic.HandleCase, &sub); err != nil {
			return err
		}
		if sub.State != civic.InProgress && !civic.WithAnswer.Has(sub.State) {
			return errs.New(errs.Conflict, "answer.not_in_progress")
		}
		if text == "" {
			return nil
		}
		return keepSave(ctx, tx, civic.AnswerSave{Submission: sub.ID, By: actor.User, At: now, Text: text, Outcome: outcome, Auto: true})
	})
	if err != nil {
		return fmt.Errorf("save the draft: %w", err)
	}
	return nil
}

// Saves lists the wordings of a draft, the newest first.
func (s *Service) Saves(ctx context.Context, actor civic.Actor, code civic.Code) (list []civic.AnswerSave, err error) {
	err = s.seen(ctx, actor, code, func(ctx context.Context, tx store.Tx, sub civic.Submission) error {
		list, err = tx.AnswerSaves().List(ctx, sub.ID, savesKept)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the saved drafts: %w", err)
	}
	return list, nil
}

// SaveOf returns one wording.
func (s *Service) SaveOf(ctx context.Context, actor civic.Actor, code civic.Code, id int64) (save civic.AnswerSave, err error) {
	err = s.seen(ctx, actor, code, func(ctx context.Context, tx store.Tx, sub civic.Submission) error {
		save, err = tx.AnswerSaves().Get(ctx, sub.ID, id)
		return err
	})
	if err != nil {
		return civic.AnswerSave{}, fmt.Errorf("show a saved draft: %w", err)
	}
	return save, nil
}

// seen reads something of a case that the actor may see.
func (s *Service) seen(
	ctx context.Context, actor civic.Actor, code civic.Code, read func(context.Context, store.Tx, civic.Submission) error,
) error {
	return s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if err := actor.Check(s.Registry, civic.SeeCase, &sub); err != nil {
			return err
		}
		return read(ctx, tx, sub)
	})
}

// Work is what staff see around the answer of a case.
type Work struct {
	// Points are what the sender asked, as the last draft marked them.
	Points []civic.Point
	// Versions are the approved answers, the oldest first.
	Versions []civic.Answer
	// Promised are the commitments of approved answers, Planned those of the
	// draft.
	Promised, Planned []civic.Commitment
	// Unsaved is what this person wrote after the draft was kept; nil: nothing.
	Unsaved *civic.AnswerSave
	Saves   int // wordings in the history
}

// Work returns it.
func (s *Service) Work(ctx context.Context, actor civic.Actor, code civic.Code) (w Work, err error) {
	err = s.seen(ctx, actor, code, func(ctx context.Context, tx store.Tx, sub civic.Submission) error {
		current, err := tx.Answers().Get(ctx, sub.ID)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return err
		}
		if w.Versions, err = tx.Answers().Versions(ctx, sub.ID); err != nil {
			return err
		}
		if w.Promised, err = tx.Commitments().Promised(ctx, sub.ID); err != nil {
			return err
		}
		open := current.ID != 0 && current.ApprovedAt.IsZero()
		if open {
			if w.Planned, err = tx.Commitments().OfAnswer(ctx, current.ID); err != nil {
				return err
			}
			w.Points = current.Points
		}
		if len(w.Points) == 0 {
			if w.Points, err = PointsOf(ctx, tx, sub); err != nil {
				return err
			}
		}
		return w.fillSaves(ctx, tx, actor, sub, current)
	})
	if err != nil {
		return Work{}, fmt.Errorf("show the work on the answer: %w", err)
	}
	return w, nil
}

// fillSaves finds what the person wrote and did not keep. What follows an
// approved answer counts only where it was written after that.
func (w *Work) fillSaves(ctx context.Context, tx store.Tx, actor civic.Actor, sub civic.Submission, current civic.Answer) error {
	saves, err := tx.AnswerSaves().List(ctx, sub.ID, savesKept)
	if err != nil {
		return err
	}
	w.Saves = len(saves)
	since := current.DraftedAt
	if current.ApprovedAt.After(since) {
		since = current.ApprovedAt
	}
	for _, save := range saves {
		if save.By == actor.User && save.Auto && !save.At.Before(since) && save.Text != current.Text {
			w.Unsaved = &save
			return nil
		}
	}
	return nil
}
