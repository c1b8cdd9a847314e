package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Extract is everything that is held about the person of a request.
type Extract struct {
	Ref    string // of the request
	MadeAt time.Time
	Case   civic.Submission
	// Before is what stood in it before it was corrected, the oldest first.
	Before []civic.TextCorrection
	// Contact is zero where nothing was left, or where it was erased.
	Contact civic.Contact
	// Guardian is whom a child named, zero where the sender is none or where it
	// was erased.
	Guardian civic.Guardian
	Consents []Consent
	// Files are those that the person sent. One that was erased has no name, and
	// casework.CodeFileRemoved for a reason.
	Files     []civic.Attachment
	Inquiries []civic.Inquiry // what was asked of the person, and the replies
	Rating    *civic.Rating
	Messages  []civic.Message
	Events    []civic.Event
	Requests  []civic.PrivacyRequest // about this case
	// Others are further cases with the same mailbox or number.
	Others []civic.Submission
	// Follows is what the person is told of by mail.
	Follows []store.Follow
	// Looks tells who looked at the contact, without the reasons, which may
	// tell of others.
	Looks []store.Look
}

// How many further cases and looks, the newest, an extract lists.
const (
	others = 200
	looked = 100
)

// extractable are the states in which it is known whose data they are.
var extractable = []civic.PrivacyState{civic.PrivacyIdentified, civic.PrivacyGranted, civic.PrivacyFulfilled}

// Extract gathers everything that is held about the person of a request that
// was identified. Each extract is noted.
func (s *Service) Extract(ctx context.Context, actor civic.Actor, ref string) (out Extract, err error) {
	if err := actor.CheckPermission(civic.HandlePrivacy); err != nil {
		return Extract{}, err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		found, err := tx.PrivacyRequests().Get(ctx, ref)
		if err != nil {
			return err
		}
		r := found.PrivacyRequest
		if err := s.reaches(actor, r); err != nil {
			return err
		}
		if r.Submission == 0 || !slices.Contains(extractable, r.State) {
			return errs.New(errs.Conflict, "request.not_identified")
		}
		out = Extract{Ref: r.Ref, MadeAt: s.Now()}
		if err := s.gather(ctx, tx, &out, r.Submission); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, store.NoteRequestExtracted, r, "")
	})
	if err != nil {
		return Extract{}, fmt.Errorf("make an extract: %w", err)
	}
	return out, nil
}

func (s *Service) gather(ctx context.Context, tx store.Tx, out *Extract, id civic.SubmissionID) (err error) {
	if out.Case, err = tx.Submissions().Get(ctx, id); err != nil {
		return err
	}
	if out.Before, err = tx.Submissions().Corrections(ctx, id); err != nil {
		return err
	}
	if out.Contact, _, err = casework.Contact(ctx, tx, s.Keys, out.Case); err != nil {
		return err
	}
	if out.Consents, err = consents(ctx, tx, out.Case); err != nil {
		return err
	}
	if err := s.gatherGuardian(ctx, tx, out); err != nil {
		return err
	}
	if out.Files, err = s.sentFiles(ctx, tx, id); err != nil {
		return err
	}
	if out.Inquiries, err = tx.Inquiries().List(ctx, id); err != nil {
		return err
	}
	switch rating, err := tx.Ratings().Get(ctx, id); {
	case err == nil:
		out.Rating = &rating
	case errs.KindOf(err) != errs.NotFound:
		return err
	}
	if out.Messages, err = tx.Messages().List(ctx, id); err != nil {
		return err
	}
	if out.Events, err = tx.Events().List(ctx, id); err != nil {
		return err
	}
	if out.Requests, err = tx.PrivacyRequests().List(ctx, store.PrivacyQuery{Submission: id, Limit: shown}); err != nil {
		return err
	}
	looks, err := tx.Looks().List(ctx, store.LooksQuery{Submission: id, Page: 1, PerPage: looked})
	if err != nil {
		return err
	}
	out.Looks = looks.Items
	if err := s.gatherFollows(ctx, tx, out); err != nil {
		return err
	}
	email, phone := s.Keys.Indexes(out.Contact)
	ids, err := tx.Contacts().Find(ctx, email, phone, others)
	if err != nil {
		return err
	}
	all, err := tx.Submissions().List(ctx, ids)
	for _, sub := range all {
		if sub.ID != id {
			out.Others = append(out.Others, sub)
		}
	}
	return err
}

// gatherGuardian opens whom a child named.
func (s *Service) gatherGuardian(ctx context.Context, tx store.Tx, out *Extract) error {
	if !out.Case.Guardian.Child() {
		return nil
	}
	g, err := tx.Guardians().Get(ctx, out.Case.ID)
	if err != nil {
		return err
	}
	out.Guardian, _, err = casework.OpenGuardian(s.Keys, out.Case.Code, g.Contact)
	return err
}

// sentFiles are the files of the sender of a case, with their names.
func (s *Service) sentFiles(ctx context.Context, tx store.Tx, id civic.SubmissionID) (out []civic.Attachment, err error) {
	files, err := tx.Attachments().OfSubmission(ctx, id)
	for _, f := range files {
		if err != nil {
			return nil, err
		}
		if f.AddedBy != 0 {
			continue
		}
		var erased bool
		if f.Name, erased, err = casework.FileName(s.Keys, f); erased {
			f.State, f.Reason = civic.FileRefused, casework.CodeFileRemoved
		}
		out = append(out, f.Attachment)
	}
	return out, err
}

// gatherFollows finds what the mailbox of the contact follows.
func (s *Service) gatherFollows(ctx context.Context, tx store.Tx, out *Extract) error {
	if out.Contact.Email == "" {
		return nil
	}
	who, err := tx.Following().Find(ctx, s.Keys.Pseudonym("following", strings.ToLower(out.Contact.Email)))
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	out.Follows, err = tx.Following().List(ctx, who.ID)
	return err
}
