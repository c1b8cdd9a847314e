package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/dialogue"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/intake"
)

// senderAct is one thing that a sender can do to the own submission: when it is
// offered, what is asked, and the use case that does it.
type senderAct struct {
	name    string
	offered func(w *Web, v *intake.View) bool
	fields  func(f *form) []Field
	do      func(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error
	// open tells that the form stands open on the page: it is waited for.
	open    bool
	warning bool
}

// senderActs are all of them in the order in which the page offers them: what
// the agency waits for first, what ends the case last.
var senderActs = []senderAct{
	{
		name: "information", open: true,
		offered: func(_ *Web, v *intake.View) bool {
			return slices.ContainsFunc(v.Inquiries, func(i civic.Inquiry) bool { return civic.MayReply(v.Submission, i) })
		},
		fields: func(f *form) []Field { return []Field{f.field("reply", textarea(8))} },
		do: func(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error {
			return w.Dialogue.Reply(ctx, a, code, value("reply"))
		},
	},
	{
		name: "rating", open: true,
		offered: func(w *Web, v *intake.View) bool { return dialogue.MayRate(v.Answered(), w.Now()) == nil },
		fields:  ratingFields,
		do: func(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error {
			return w.Dialogue.Rate(ctx, a, code, civic.Helped(value("helped")), value("reason"))
		},
	},
	{
		name:    "reopen",
		offered: func(w *Web, v *intake.View) bool { return dialogue.MayReopen(v.Submission, w.Now()) == nil },
		fields:  reasonField,
		do: func(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error {
			return w.Dialogue.Reopen(ctx, a, code, value("reason"))
		},
	},
	{
		name:    "object",
		offered: func(_ *Web, v *intake.View) bool { return v.MayObject },
		fields:  reasonField,
		do: func(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error {
			return w.Intake.Object(ctx, a, code, value("reason"))
		},
	},
	{
		name:    "guardian",
		offered: func(_ *Web, v *intake.View) bool { return v.Submission.Guardian == civic.GuardianWaiting },
		fields:  guardianFields,
		do: func(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error {
			return w.Guardians.Rename(ctx, a, code, civic.Guardian{Name: value("guardian.name"), Email: value("guardian.email"), Phone: value("guardian.phone")})
		},
	},
	{name: "messages", offered: hasContact, fields: messagesFields, do: chooseMessages},
	{name: "contact", offered: hasContact, fields: contactFields, do: changeContact},
	privacyAct,
	{name: "erase", warning: true, offered: hasContact, fields: eraseFields, do: eraseContact},
	{
		name: "withdraw", warning: true,
		offered: func(_ *Web, v *intake.View) bool { return v.Submission.State.CanBecome(civic.Withdrawn) },
		fields:  sureField,
		do: func(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error {
			if value("sure") != "yes" {
				return errs.InvalidFields(errs.Field{Name: "sure", Code: "field.required"})
			}
			return w.Intake.Withdraw(ctx, a, code)
		},
	},
}

func sureField(f *form) []Field {
	return []Field{f.field("sure", func(field *Field) { field.Widget, field.Required = "checkbox", true })}
}

func reasonField(f *form) []Field { return []Field{f.field("reason", textarea(5))} }

func ratingFields(f *form) []Field {
	return []Field{
		f.field("helped", func(field *Field) {
			field.Widget, field.Required = "radios", true
			for _, h := range civic.Judgements {
				field.Options = append(field.Options, Option{Value: string(h), Label: f.words.t("helped." + string(h))})
			}
		}),
		f.field("reason", func(field *Field) { field.Widget, field.Rows = "textarea", 4 }),
	}
}

// addSenderActs puts the forms of what can be done now into the page. tried is
// what was sent last and failed.
func (w *Web) addSenderActs(page *TrackedPage, words words, view *intake.View, tried attempt) {
	for _, act := range senderActs {
		if !act.offered(w, view) {
			continue
		}
		values, wrong := map[string]string{}, []errs.Field(nil)
		if act.name == "rating" && view.Rating != nil {
			values["helped"], values["reason"] = string(view.Rating.Helped), view.Rating.Reason
		}
		if act.name == "messages" {
			values["wants"], values["language"], values["way"] = string(view.Reach.Wants), string(view.Reach.Language), string(view.Reach.Way)
		}
		if tried.action == act.name {
			values, wrong = tried.values, errs.FieldsOf(tried.err)
		}
		f := newForm(words, values, wrong)
		f.prefix = act.name + "-"
		form := SenderAct{
			Name: act.name, Title: words.t("sender_act." + act.name + ".title"), Effect: words.t("sender_act." + act.name + ".effect"),
			Go: words.t("sender_act." + act.name + ".go"), Fields: act.fields(f), Open: act.open || tried.action == act.name, Warning: act.warning,
		}
		if act.name == "erase" && w.Reach.FilesToo {
			form.Effect += " " + words.t("sender_act.erase.files_too")
		}
		for i, field := range form.Fields { // the same name asks different things
			if label := words.optional("sender_act." + act.name + "." + field.Name); label != "" {
				form.Fields[i].Label = label
			}
		}
		page.Acts = append(page.Acts, form)
		page.Errors = append(page.Errors, f.summary()...)
	}
	page.Failed = len(page.Errors) > 0
}

// postSenderAct does one of senderActs and leads back to the case.
func (w *Web) postSenderAct(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	i := -1
	for n, act := range senderActs {
		if act.name == c.Param("act") {
			i = n
		}
	}
	if i < 0 {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	cookie, err := c.Cookie(cookieCase)
	if err != nil { // closed or expired since
		return w.showVisitEnded(c, code, senderActs[i].name)
	}
	ctx := c.Request().Context()
	sender, err := w.Intake.Sender(ctx, code, cookie.Value)
	if errs.KindOf(err) == errs.NotFound {
		return w.showVisitEnded(c, code, senderActs[i].name)
	}
	if err != nil {
		return err
	}
	if err := senderActs[i].do(w, ctx, sender, code, values.Get); err != nil {
		typed := map[string]string{}
		for name := range values {
			typed[name] = values.Get(name)
		}
		return w.senderActFailed(c, sender, code, attempt{action: senderActs[i].name, values: typed, err: err})
	}
	return c.Redirect(http.StatusSeeOther, "/"+string(httpx.Lang(c))+casePath(code)+"?done="+senderActs[i].name)
}

// senderActFailed shows the case as it is now, with what the sender wrote, even
// where it cannot be done any more.
func (w *Web) senderActFailed(c echo.Context, sender civic.Actor, code civic.Code, tried attempt) error {
	if !worthKeeping(tried.err) {
		return tried.err
	}
	view, err := w.Intake.Case(c.Request().Context(), sender, code)
	if err != nil {
		return tried.err
	}
	page := w.trackedPage(c, view, tried)
	if len(page.Errors) == 0 {
		page.Notice = w.problemNotice(w.words(c), tried.err)
		page.keepText(tried)
	}
	return w.showFailed(c, tried.err, page)
}
