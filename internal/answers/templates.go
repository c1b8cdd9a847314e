package answers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/i18n"
	"hienke/internal/prose"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// TemplateFields are the fields of a template that fill themselves in; any other
// words in braces are left to the officer, and an answer with one of them cannot
// be submitted.
var TemplateFields = []string{"mã hồ sơ", "tiêu đề", "ngày gửi", "cơ quan"}

// Templates lists the templates that the actor may see: those of the own agency
// and of those above and below it, and those of everybody.
func (s *Service) Templates(ctx context.Context, actor civic.Actor) ([]civic.AnswerTemplate, error) {
	if err := actor.CheckPermission(civic.SeeCase); err != nil {
		return nil, err
	}
	all, err := s.templates(ctx)
	if err != nil {
		return nil, err
	}
	var out []civic.AnswerTemplate
	for _, t := range all {
		if t.Agency == "" || actor.Reaches(s.Registry, t.Agency) || s.Registry.Within(actor.Agency, t.Agency) {
			out = append(out, t)
		}
	}
	return out, nil
}

// TemplatesFor lists those that answers of an agency may begin with.
func (s *Service) TemplatesFor(ctx context.Context, agency civic.AgencyCode) ([]civic.AnswerTemplate, error) {
	all, err := s.templates(ctx)
	if err != nil {
		return nil, err
	}
	var out []civic.AnswerTemplate
	for _, t := range all {
		if t.Agency == "" || agency != "" && s.Registry.Within(agency, t.Agency) {
			out = append(out, t)
		}
	}
	return out, nil
}

func (s *Service) templates(ctx context.Context) (all []civic.AnswerTemplate, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		all, err = tx.AnswerTemplates().List(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	return all, nil
}

// FromTemplate is a template with its fields filled in from a case.
func (s *Service) FromTemplate(ctx context.Context, sub civic.Submission, id int64) (string, error) {
	list, err := s.TemplatesFor(ctx, sub.Agency)
	if err != nil {
		return "", err
	}
	for _, t := range list {
		if t.ID != id {
			continue
		}
		agency, _ := s.Registry.Agency(sub.Agency)
		return strings.NewReplacer(
			"{mã hồ sơ}", sub.Code.String(), "{tiêu đề}", sub.Title, "{ngày gửi}", i18n.ShortDate(i18n.Vietnamese, sub.ReceivedAt, civic.Zone),
			"{cơ quan}", agency.Names.In(civic.Vietnamese),
		).Replace(t.Text), nil
	}
	return "", errs.New(errs.NotFound, "template.not_found")
}

// PutTemplate stores a template; one with an ID in the place of the old. A lead
// may do so for the own agency and below, an administrator for everybody.
func (s *Service) PutTemplate(ctx context.Context, actor civic.Actor, t civic.AnswerTemplate) error {
	t.Name, t.Text = vitext.Line(t.Name), prose.Tidy(vitext.Normalize(t.Text))
	wrong := append(errs.FieldsOf(civic.CheckLength("template_name", t.Name, 1, civic.MaxTitle)),
		errs.FieldsOf(civic.CheckLength("template_text", t.Text, 1, civic.MaxAnswer))...)
	if _, ok := s.Registry.Agency(t.Agency); t.Agency != "" && !ok {
		wrong = append(wrong, errs.Field{Name: "agency", Code: "field.unknown_value"})
	}
	if err := errs.InvalidFields(wrong...); err != nil {
		return err
	}
	return s.changeTemplate(ctx, actor, t.ID, store.NoteTemplateWritten, func(_ store.Tx, old *civic.AnswerTemplate) error {
		if err := s.mayManage(actor, t.Agency); err != nil {
			return err
		}
		old.Agency, old.Name, old.Text = t.Agency, t.Name, t.Text
		return nil
	})
}

// RetireTemplate takes a template out of use. Answers that began with it stay.
func (s *Service) RetireTemplate(ctx context.Context, actor civic.Actor, id int64) error {
	return s.changeTemplate(ctx, actor, id, store.NoteTemplateRetired, func(_ store.Tx, old *civic.AnswerTemplate) error {
		old.RetiredAt = s.Now()
		return nil
	})
}

// RetiredTemplates lists the templates out of use that the actor may bring back.
func (s *Service) RetiredTemplates(ctx context.Context, actor civic.Actor) (out []civic.AnswerTemplate, err error) {
	if err := actor.CheckPermission(civic.ManageTemplates); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		out, err = tx.AnswerTemplates().Retired(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the templates out of use: %w", err)
	}
	return slices.DeleteFunc(out, func(t civic.AnswerTemplate) bool { return s.mayManage(actor, t.Agency) != nil }), nil
}

// TemplateVersions lists what a template was, the newest first, for whoever may
// change it.
func (s *Service) TemplateVersions(ctx context.Context, actor civic.Actor, id int64) (out []civic.TemplateVersion, err error) {
	if err := actor.CheckPermission(civic.ManageTemplates); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		t, err := tx.AnswerTemplates().Get(ctx, id)
		if err != nil {
			return err
		}
		if err := s.mayManage(actor, t.Agency); err != nil {
			return err
		}
		out, err = tx.AnswerTemplates().Versions(ctx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list what a template was: %w", err)
	}
	return out, nil
}

// RestoreTemplate makes a template what it was in a version, in use again where
// it was not. It adds a version and takes none away.
func (s *Service) RestoreTemplate(ctx context.Context, actor civic.Actor, id, version int64) error {
	return s.changeTemplate(ctx, actor, id, store.NoteTemplateBack, func(tx store.Tx, old *civic.AnswerTemplate) error {
		all, err := tx.AnswerTemplates().Versions(ctx, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(v civic.TemplateVersion) bool { return v.ID == version })
		if i < 0 {
			return errs.New(errs.NotFound, "template.not_found")
		}
		if err := s.mayManage(actor, all[i].Agency); err != nil {
			return err
		}
		old.Agency, old.Name, old.Text, old.RetiredAt = all[i].Agency, all[i].Name, all[i].Text, time.Time{}
		return nil
	})
}

// changeTemplate changes a stored template, or a new one when id is zero. note
// is what the audit says of it.
func (s *Service) changeTemplate(ctx context.Context, actor civic.Actor, id int64, note string, change func(store.Tx, *civic.AnswerTemplate) error) error {
	if err := actor.CheckPermission(civic.ManageTemplates); err != nil {
		return err
	}
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		var t civic.AnswerTemplate
		if id != 0 {
			var err error
			if t, err = tx.AnswerTemplates().Get(ctx, id); err != nil {
				return err
			}
			if err := s.mayManage(actor, t.Agency); err != nil {
				return err
			}
		}
		if err := change(tx, &t); err != nil {
			return err
		}
		t.UpdatedBy, t.UpdatedAt = actor.User, now
		kept, err := tx.AnswerTemplates().Put(ctx, t)
		if err != nil {
			return err
		}
		return tx.Audit().Note(ctx, store.AuditLine{
			At: now, Actor: actor.Kind, User: actor.User, What: note, Subject: "template:" + strconv.FormatInt(kept, 10), Agency: t.Agency,
		})
	})
	if err != nil {
		return fmt.Errorf("change a template: %w", err)
	}
	return nil
}

func (s *Service) mayManage(actor civic.Actor, agency civic.AgencyCode) error {
	if actor.Bound() && !actor.Reaches(s.Registry, agency) {
		return errs.New(errs.Forbidden, "actor.not_allowed")
	}
	return nil
}
