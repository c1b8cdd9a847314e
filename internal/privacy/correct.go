package privacy

import (
	"context"
	"fmt"
	"strings"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/personal"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Correct puts right what is held about the person of a granted request to
// correct; an empty field leaves what there is. Whoever was reached so far is
// told, and a new mailbox must be confirmed. The audit has the names of the
// fields, never what stood or stands in them.
func (s *Service) Correct(ctx context.Context, actor civic.Actor, ref string, c civic.Contact) error {
	c.Name, c.Organisation, c.Phone = vitext.Line(c.Name), vitext.Line(c.Organisation), vitext.Line(c.Phone)
	c.Email, c.Address = strings.TrimSpace(c.Email), vitext.Line(c.Address)
	if err := c.Check(); err != nil {
		return err
	}
	if c == (civic.Contact{}) {
		return errs.InvalidFields(errs.Field{Name: "name", Code: "field.required"})
	}
	granted := []civic.PrivacyState{civic.PrivacyGranted}
	return s.act(ctx, actor, ref, store.NoteRequestCorrected, granted, func(tx store.Tx, r *store.SealedRequest) (string, error) {
		if r.Kind != civic.PrivacyCorrect {
			return "", errs.New(errs.Conflict, "request.not_now")
		}
		locked, err := tx.Submissions().Lock(ctx, r.Submission)
		if err != nil {
			return "", err
		}
		changed, err := casework.ChangeContact(ctx, tx, s.Keys, actor, locked[0], c, s.Now())
		if err == nil && len(changed) == 0 {
			err = errs.InvalidFields(errs.Field{Name: "name", Code: "field.unchanged"})
		}
		return strings.Join(changed, " "), err
	})
}

// Rewording puts personal data right that stand in the text of a case itself.
type Rewording struct {
	// Version is that of the case as the person saw it.
	Version     int
	Title, Body string
	// PublicTitle and PublicBody are the public version, which a person must look
	// at again where it is not the text itself; see OwnPublic.
	PublicTitle, PublicBody string
	Reason                  string
	// Checked says that a person looked at what seems to be personal data in
	// what the public reads.
	Checked bool
}

// OwnPublic reports whether staff wrote a public version that differs from the
// title, and from the body. Such a one does not follow a correction by itself.
func OwnPublic(sub civic.Submission) (title, body bool) {
	return sub.PublicTitle != "" && sub.PublicTitle != sub.Title, sub.PublicBody != "" && sub.PublicBody != sub.Body
}

// CorrectText puts the text of the case of a granted request to correct right.
// What stood there before is kept with the reason, for staff; the history of the
// case tells that it was done. A public version that was the text itself follows
// it, one that staff wrote is written anew with the correction. The state of the
// case, its cluster, its deadline and its answer stay: what was asked for is the
// same. Any version but the present one is Conflict with code
// submission.version_mismatch.
func (s *Service) CorrectText(ctx context.Context, actor civic.Actor, ref string, w Rewording) error {
	if err := w.check(); err != nil {
		return err
	}
	granted := []civic.PrivacyState{civic.PrivacyGranted}
	return s.act(ctx, actor, ref, store.NoteRequestCorrected, granted, func(tx store.Tx, r *store.SealedRequest) (string, error) {
		if r.Kind != civic.PrivacyCorrect {
			return "", errs.New(errs.Conflict, "request.not_now")
		}
		locked, err := tx.Submissions().Lock(ctx, r.Submission)
		if err != nil {
			return "", err
		}
		before := locked[0]
		if before.Version != w.Version {
			return "", errs.New(errs.Conflict, "submission.version_mismatch")
		}
		if before.Title == civic.ErasedTitle && before.Body == civic.ErasedBody {
			return "", errs.New(errs.Conflict, "request.text_erased")
		}
		sub, changed, err := w.applied(before)
		if err != nil {
			return "", err
		}
		if err := w.looked(ctx, tx, sub); err != nil {
			return "", err
		}
		return strings.Join(changed, " "), s.reword(ctx, tx, actor, r, before, sub, w.Reason)
	})
}

// reword writes what a correction makes of a case.
func (s *Service) reword(ctx context.Context, tx store.Tx, actor civic.Actor, r *store.SealedRequest, before, sub civic.Submission, reason string) error {
	now := s.Now()
	kept := civic.TextCorrection{
		Submission: sub.ID, Request: r.Ref, At: now, By: actor.User, Reason: reason,
		Title: before.Title, Body: before.Body, PublicTitle: before.PublicTitle, PublicBody: before.PublicBody,
	}
	if err := tx.Submissions().Correct(ctx, sub.Title, sub.Body, kept); err != nil {
		return err
	}
	if _, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobRematch, Subject: int64(sub.ID), CreatedAt: now}); err != nil {
		return err
	}
	e := civic.Event{Type: civic.EventTextCorrected, User: actor.User, Reason: reason}
	if err := casework.Write(ctx, tx, actor.Kind, sub.State, sub, now, e); err != nil {
		return fmt.Errorf("write the corrected case: %w", err)
	}
	return nil
}

func (w *Rewording) check() (err error) {
	w.Title, w.PublicTitle = vitext.Line(w.Title), vitext.Line(w.PublicTitle)
	w.Body, w.PublicBody = strings.TrimSpace(vitext.Normalize(w.Body)), strings.TrimSpace(vitext.Normalize(w.PublicBody))
	var wrong []errs.Field
	for _, f := range []struct {
		name, text  string
		least, most int
	}{
		{"title", w.Title, civic.MinTitle, civic.MaxTitle}, {"body", w.Body, civic.MinBody, civic.MaxBody},
		{"public_title", w.PublicTitle, 0, civic.MaxTitle}, {"public_body", w.PublicBody, 0, civic.MaxBody},
	} {
		wrong = append(wrong, errs.FieldsOf(civic.CheckLength(f.name, f.text, f.least, f.most))...)
	}
	if w.Reason, err = reasonOf("reason", w.Reason); err != nil {
		wrong = append(wrong, errs.FieldsOf(err)...)
	}
	return errs.InvalidFields(wrong...)
}

// applied is the case as the correction makes it, with the names of the fields
// that are others now.
func (w *Rewording) applied(before civic.Submission) (sub civic.Submission, changed []string, err error) {
	sub = before
	sub.Title, sub.Body = w.Title, w.Body
	ownTitle, ownBody := OwnPublic(before)
	var wrong []errs.Field
	for _, p := range []struct {
		name        string
		own         bool
		typed, text string
		to          *string
	}{{"public_title", ownTitle, w.PublicTitle, w.Title, &sub.PublicTitle}, {"public_body", ownBody, w.PublicBody, w.Body, &sub.PublicBody}} {
		switch {
		case *p.to == "": // none was made yet
		case !p.own:
			*p.to = p.text
		case p.typed == "":
			wrong = append(wrong, errs.Field{Name: p.name, Code: "field.required"})
		default:
			*p.to = p.typed
		}
	}
	for _, f := range []struct{ name, old, now string }{
		{"title", before.Title, sub.Title}, {"body", before.Body, sub.Body},
		{"public_title", before.PublicTitle, sub.PublicTitle}, {"public_body", before.PublicBody, sub.PublicBody},
	} {
		if f.old != f.now {
			changed = append(changed, f.name)
		}
	}
	if len(wrong) == 0 && len(changed) == 0 {
		wrong = append(wrong, errs.Field{Name: "body", Code: "field.unchanged"})
	}
	return sub, changed, errs.InvalidFields(wrong...)
}

// looked fails while nobody looked at what seems to be personal data in what the
// public reads now, or at a time that is set.
func (w *Rewording) looked(ctx context.Context, tx store.Tx, sub civic.Submission) error {
	shown := sub.Visibility.Public()
	if !shown {
		switch a, err := tx.Answers().Get(ctx, sub.ID); {
		case err == nil:
			shown = !a.PublishAt.IsZero()
		case errs.KindOf(err) != errs.NotFound:
			return err
		}
	}
	if !shown || w.Checked || len(personal.Find(public(sub.PublicTitle, sub.Title)))+len(personal.Find(public(sub.PublicBody, sub.Body))) == 0 {
		return nil
	}
	return errs.InvalidFields(errs.Field{Name: "personal_checked", Code: "field.personal_data"})
}

// public is a part of what the public reads: the text itself until staff wrote
// another.
func public(version, text string) string {
	if version == "" {
		return text
	}
	return version
}
