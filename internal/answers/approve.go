package answers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/errs"
	"hienke/internal/personal"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Return gives the answer back to the one who drafted it, with remarks. What
// corrects an answer is returned while the answer stands.
func (s *Service) Return(ctx context.Context, actor civic.Actor, code civic.Code, version int, remarks string) error {
	remarks = strings.TrimSpace(vitext.Normalize(remarks))
	if err := civic.CheckLength("remarks", remarks, 1, civic.MaxReason); err != nil {
		return err
	}
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.ApproveCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		a, err := inReview(ctx, tx, c.Sub)
		if err != nil {
			return err
		}
		a.Remarks, a.SubmittedAt = remarks, time.Time{}
		if _, err := tx.Answers().Put(ctx, a); err != nil {
			return err
		}
		c.Event = civic.Event{Type: civic.EventReturned, Reason: remarks}
		if c.Sub.State != civic.InReview {
			return nil
		}
		return c.Sub.Move(civic.InProgress)
	}})
	if err != nil {
		return fmt.Errorf("return the answer: %w", err)
	}
	return nil
}

// inReview is the answer, or its correction, that waits for a second person.
func inReview(ctx context.Context, tx store.Tx, sub civic.Submission) (civic.Answer, error) {
	if sub.State != civic.InReview && !civic.WithAnswer.Has(sub.State) {
		return civic.Answer{}, errs.New(errs.Conflict, "answer.not_in_review")
	}
	a, err := tx.Answers().Get(ctx, sub.ID)
	if err == nil && !Waiting(sub, a) {
		return a, errs.New(errs.Conflict, "answer.not_in_review")
	}
	return a, err
}

// Waiting reports whether the current answer of a case waits for a second
// person.
func Waiting(sub civic.Submission, a civic.Answer) bool {
	if sub.State == civic.InReview {
		return true
	}
	return civic.WithAnswer.Has(sub.State) && a.Corrects != 0 && a.ApprovedAt.IsZero() && !a.SubmittedAt.IsZero()
}

// Approval is how an answer goes out.
type Approval struct {
	// Publish shows question and answer to the public, at once, or at a time
	// when At is later than now.
	Publish bool
	At      time.Time
	// Files are the refs of the files that are shown with it; nil leaves them as
	// they are. The signed paper is shown in any case.
	Files []string
	// Checked says that a person looked at what seems to be personal data in
	// what becomes public.
	Checked bool
}

// Approve is ApproveWith for whoever looked at the texts before.
func (s *Service) Approve(ctx context.Context, actor civic.Actor, code civic.Code, version int, publish bool, files ...string) error {
	return s.ApproveWith(ctx, actor, code, version, Approval{Publish: publish, Files: files, Checked: true})
}

// ApproveWith sends the answer to the sender and to everyone whose submission
// follows this one, and publishes it as the approval says, except where the
// case is restricted. For a child whose guardian has not agreed to publication it
// is Conflict unless nothing is to be published. What seems to be personal data in a text that becomes
// public is Invalid until it was looked at. Whoever drafted the answer cannot
// approve it.
func (s *Service) ApproveWith(ctx context.Context, actor civic.Actor, code civic.Code, version int, how Approval) error {
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.ApproveCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		a, err := inReview(ctx, tx, c.Sub)
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
		if a.Corrects != 0 && c.Sub.State != civic.InReview {
			return s.approveCorrection(ctx, tx, c, a, how)
		}
		if err := c.Sub.Move(civic.Answered); err != nil {
			return err
		}
		c.Sub.AnsweredAt = c.Now
		c.Event.Type = civic.EventAnswered
		if how.Publish && !c.Sub.Restricted && !c.Sub.Confidential { // a restricted one a coordinator may publish by an act of its own
			if err := casework.CheckGuardian(c.Sub); err != nil {
				return err
			}
			if err := publishWith(ctx, tx, c, &a, how); err != nil {
				return err
			}
		}
		if _, err := tx.Answers().Put(ctx, a); err != nil {
			return err
		}
		return tell(ctx, tx, c, civic.MessageAnswer)
	}})
	if err != nil {
		return fmt.Errorf("approve the answer: %w", err)
	}
	s.committed()
	return nil
}

// publishWith shows the case with its answer, now or later.
func publishWith(ctx context.Context, tx store.Tx, c *casework.Change, a *civic.Answer, how Approval) error {
	shown := Preview(c.Sub)
	if !how.Checked && len(personal.Find(a.Text))+len(personal.Find(shown.PublicTitle))+len(personal.Find(shown.PublicBody)) > 0 {
		return errs.InvalidFields(errs.Field{Name: "personal_checked", Code: "field.personal_data"})
	}
	if err := showFiles(ctx, tx, c.Sub.ID, how.Files, a.Document.File); err != nil {
		return err
	}
	if !how.At.After(c.Now) {
		show(c, civic.PublicWithAnswer)
		return nil
	}
	a.PublishAt = how.At
	c.Then = append(c.Then, civic.Event{Type: civic.EventScheduled, Reason: how.At.In(civic.Zone).Format("15:04 02/01/2006")})
	_, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobPublish, Subject: int64(c.Sub.ID), NextAt: how.At, CreatedAt: c.Now})
	return err
}

// Preview is a case as the public would read it.
func Preview(sub civic.Submission) civic.Submission {
	if sub.PublicTitle == "" {
		sub.PublicTitle = sub.Title
	}
	if sub.PublicBody == "" {
		sub.PublicBody = sub.Body
	}
	return sub
}

// show makes the public version, from the original where staff wrote none.
func show(c *casework.Change, v civic.Visibility) {
	c.Sub = Preview(c.Sub)
	c.Sub.Visibility = v
	if c.Sub.PublishedAt.IsZero() {
		c.Sub.PublishedAt = c.Now
	}
}

// showFiles shows these files of a case and no others, nil as before, and the
// signed paper of its answer in any case.
func showFiles(ctx context.Context, tx store.Tx, id civic.SubmissionID, refs []string, paper string) error {
	if refs == nil && paper == "" {
		return nil
	}
	if refs == nil {
		files, err := tx.Attachments().OfSubmission(ctx, id)
		if err != nil {
			return err
		}
		for _, f := range files {
			if f.Public {
				refs = append(refs, f.Ref)
			}
		}
	}
	if paper != "" && !slices.Contains(refs, paper) {
		refs = append(slices.Clone(refs), paper)
	}
	err := tx.Attachments().SetPublic(ctx, id, refs)
	if errs.KindOf(err) == errs.NotFound { // a file of another case, or one that nobody may open
		return errs.InvalidFields(errs.Field{Name: "attachments", Code: "field.unknown_value"})
	}
	return err
}

// tell queues a message about the answer for the sender, and has those who
// follow the case told after it, however many they are.
func tell(ctx context.Context, tx store.Tx, c *casework.Change, kind civic.MessageKind) error {
	if err := casework.Tell(ctx, tx, c.Sub, kind, c.Now); err != nil {
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
		answer, err := tx.Answers().Approved(ctx, root)
		if err != nil {
			return err
		}
		ids, err := tx.Matches().Untold(ctx, root, answer.ID, tellAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		kind := civic.MessageAnswer
		if answer.Corrects != 0 {
			kind = civic.MessageCorrected
		}
		if err := casework.TellAll(ctx, tx, ids, kind, now); err != nil {
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
	s.committed()
	return nil
}
