// Package answers is where an agency replies: it drafts, a second person
// approves, and what is approved is sent and, if so decided, published.
package answers

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Service handles answers. All fields but Keys and Committed are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Now      func() time.Time
	// Keys open contacts for what is public of a name; without them nobody is
	// named.
	Keys *seal.Keys
	// Committed is told that the outbox has something new.
	Committed func()
}

// Draft is an answer as an officer writes it.
type Draft struct {
	Text    string
	Outcome civic.Outcome
	// Submit puts it before a second person; otherwise it is only kept.
	Submit bool
}

// desk runs the acts on cases.
func (s *Service) desk() casework.Desk {
	return casework.Desk{Store: s.Store, Registry: s.Registry, Now: s.Now}
}

// Draft keeps an answer and, with Submit, puts it before a second person. The
// case must be in progress.
func (s *Service) Draft(ctx context.Context, actor civic.Actor, code civic.Code, version int, d Draft) error {
	d.Text = strings.TrimSpace(vitext.Normalize(d.Text))
	if err := d.check(); err != nil {
		return err
	}
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.HandleCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.State != civic.InProgress {
			return errs.New(errs.Conflict, "answer.not_in_progress")
		}
		a, err := tx.Answers().Get(ctx, c.Sub.ID)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return err
		}
		if !a.ApprovedAt.IsZero() { // opened again: what was sent stays as it was sent
			a = civic.Answer{}
		}
		a.Submission, a.Text, a.Outcome, a.Agency = c.Sub.ID, d.Text, d.Outcome, c.Sub.Agency
		a.DraftedBy, a.DraftedAt = actor.User, c.Now
		c.Event.Type = civic.EventAnswerDrafted
		if d.Submit {
			a.SubmittedAt, a.Remarks = c.Now, ""
			c.Event.Type = civic.EventSubmitted
			if err := c.Sub.Move(civic.InReview); err != nil {
				return err
			}
		}
		_, err = tx.Answers().Put(ctx, a)
		return err
	}})
	if err != nil {
		return fmt.Errorf("draft the answer: %w", err)
	}
	return nil
}

func (d *Draft) check() error {
	var wrong []errs.Field
	switch n := utf8.RuneCountInString(d.Text); {
	case n == 0:
		wrong = append(wrong, errs.Field{Name: "text", Code: "field.required"})
	case n < civic.MinAnswer && d.Submit:
		wrong = append(wrong, errs.Field{Name: "text", Code: "field.too_short", Params: params("min", civic.MinAnswer, "got", n)})
	case n > civic.MaxAnswer:
		wrong = append(wrong, errs.Field{Name: "text", Code: "field.too_long", Params: params("max", civic.MaxAnswer, "got", n)})
	}
	switch {
	case d.Outcome == "":
		wrong = append(wrong, errs.Field{Name: "outcome", Code: "field.required"})
	case !d.Outcome.Valid():
		wrong = append(wrong, errs.Field{Name: "outcome", Code: "field.unknown_value"})
	}
	return errs.InvalidFields(wrong...)
}

func params(k1 string, v1 int, k2 string, v2 int) map[string]string {
	return map[string]string{k1: fmt.Sprint(v1), k2: fmt.Sprint(v2)}
}

// Return gives the answer back to the one who drafted it, with remarks.
func (s *Service) Return(ctx context.Context, actor civic.Actor, code civic.Code, version int, remarks string) error {
	remarks = strings.TrimSpace(vitext.Normalize(remarks))
	if err := civic.CheckLength("remarks", remarks, 1, civic.MaxReason); err != nil {
		return err
	}
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.ApproveCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.State != civic.InReview {
			return errs.New(errs.Conflict, "answer.not_in_review")
		}
		a, err := tx.Answers().Get(ctx, c.Sub.ID)
		if err != nil {
			return err
		}
		a.Remarks, a.SubmittedAt = remarks, time.Time{}
		if _, err := tx.Answers().Put(ctx, a); err != nil {
			return err
		}
		c.Event = civic.Event{Type: civic.EventReturned, Reason: remarks}
		return c.Sub.Move(civic.InProgress)
	}})
	if err != nil {
		return fmt.Errorf("return the answer: %w", err)
	}
	return nil
}

// Approve sends the answer to the sender and to everyone whose submission
// follows this one, and with publish shows question and answer to the public,
// except where the case is restricted.
// Of the files those with the refs in files are shown, and as before when files
// is nil.
// Whoever drafted the answer cannot approve it.
func (s *Service) Approve(ctx context.Context, actor civic.Actor, code civic.Code, version int, publish bool, files ...string) error {
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.ApproveCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.State != civic.InReview {
			return errs.New(errs.Conflict, "answer.not_in_review")
		}
		a, err := tx.Answers().Get(ctx, c.Sub.ID)
		if err != nil {
			return err
		}
		own, err := wrote(ctx, tx, actor.User, c.Sub.ID)
		if err != nil {
			return err
		}
		if own || a.DraftedBy == actor.User {
			return errs.New(errs.Forbidden, "answer.own_draft")
		}
		a.ApprovedBy, a.ApprovedAt = actor.User, c.Now
		if _, err := tx.Answers().Put(ctx, a); err != nil {
			return err
		}
		if err := c.Sub.Move(civic.Answered); err != nil {
			return err
		}
		c.Sub.AnsweredAt = c.Now
		if publish && !c.Sub.Restricted && !c.Sub.Confidential { // a restricted one a coordinator may publish by an act of its own
			show(c, civic.PublicWithAnswer)
			if err := showFiles(ctx, tx, c.Sub.ID, files); err != nil {
				return err
			}
		}
		c.Event.Type = civic.EventAnswered
		return tell(ctx, tx, c)
	}})
	if err != nil {
		return fmt.Errorf("approve the answer: %w", err)
	}
	if s.Committed != nil {
		s.Committed()
	}
	return nil
}

// show makes the public version, from the original where staff wrote none.
func show(c *casework.Change, v civic.Visibility) {
	c.Sub.Visibility = v
	if c.Sub.PublicTitle == "" {
		c.Sub.PublicTitle = c.Sub.Title
	}
	if c.Sub.PublicBody == "" {
		c.Sub.PublicBody = c.Sub.Body
	}
	if c.Sub.PublishedAt.IsZero() {
		c.Sub.PublishedAt = c.Now
	}
}

// showFiles shows these files of a case and no others, nil as before.
func showFiles(ctx context.Context, tx store.Tx, id civic.SubmissionID, refs []string) error {
	if refs == nil {
		return nil
	}
	err := tx.Attachments().SetPublic(ctx, id, refs)
	if errs.KindOf(err) == errs.NotFound { // a file of another case, or one that nobody may open
		return errs.InvalidFields(errs.Field{Name: "attachments", Code: "field.unknown_value"})
	}
	return err
}

// tell queues the answer for the sender, and has those who follow the case told
// after it, however many they are.
func tell(ctx context.Context, tx store.Tx, c *casework.Change) error {
	if err := casework.Tell(ctx, tx, c.Sub, civic.MessageAnswer, c.Now); err != nil {
		return err
	}
	_, followers, err := tx.Matches().Members(ctx, c.Sub.ID, 0)
	if err != nil || followers == 0 {
		return err
	}
	return cluster.TellLater(ctx, tx, c.Sub.ID, c.Now)
}

// tellAtOnce is how many followers one transaction tells: some tens of
// milliseconds of the only writer on SQLite.
const tellAtOnce = 500

// Tell queues an answer for those who follow the answered case and were not
// told of it, some of them; the next job tells the next. It is the handler of
// store.JobTell. What runs twice tells once: each membership remembers the
// answer that it was told.
func (s *Service) Tell(ctx context.Context, job int64, root civic.SubmissionID) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		first, err := tx.Outbox().Finish(ctx, job, now)
		if err != nil || !first {
			return err
		}
		locked, err := tx.Submissions().Lock(ctx, root) // one at a time
		if err != nil || !civic.WithAnswer.Has(locked[0].State) {
			return err // opened again since: the next answer is told instead
		}
		answer, err := tx.Answers().Get(ctx, root)
		if err != nil {
			return err
		}
		ids, err := tx.Matches().Untold(ctx, root, answer.ID, tellAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := casework.TellAll(ctx, tx, ids, civic.MessageAnswer, now); err != nil {
			return err
		}
		if err := tx.Matches().SetTold(ctx, ids, answer.ID); err != nil || len(ids) < tellAtOnce {
			return err
		}
		return cluster.TellLater(ctx, tx, root, now)
	})
	if err != nil {
		return fmt.Errorf("tell the followers: %w", err)
	}
	if s.Committed != nil {
		s.Committed()
	}
	return nil
}

// Publication is a public version as staff write it; empty parts are taken
// from the original.
type Publication struct {
	Title string
	Body  string
	// Files are the refs of the files that are shown with it; nil leaves them as
	// they are.
	Files []string
}

// Publish shows a case to the public, open ones while they are handled. The
// original text stays as it is.
func (s *Service) Publish(ctx context.Context, actor civic.Actor, code civic.Code, version int, p Publication) error {
	p.Title = strings.Join(strings.Fields(vitext.Normalize(p.Title)), " ")
	p.Body = strings.TrimSpace(vitext.Normalize(p.Body))
	if err := civic.CheckLength("public_title", p.Title, 0, civic.MaxTitle); err != nil {
		return err
	}
	if err := civic.CheckLength("public_body", p.Body, 0, civic.MaxBody); err != nil {
		return err
	}
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.PublishCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.Confidential {
			return errs.New(errs.Conflict, "submission.confidential")
		}
		visibility := civic.PublicOpen
		switch {
		case civic.WithAnswer.Has(c.Sub.State):
			visibility = civic.PublicWithAnswer
		case !civic.Open.Has(c.Sub.State):
			return errs.New(errs.Conflict, "submission.not_publishable")
		}
		if p.Title != "" {
			c.Sub.PublicTitle = p.Title
		}
		if p.Body != "" {
			c.Sub.PublicBody = p.Body
		}
		show(c, visibility)
		c.Event.Type = civic.EventPublished
		return showFiles(ctx, tx, c.Sub.ID, p.Files)
	}})
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}
