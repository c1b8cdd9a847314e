package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/intake"
	"hienke/internal/reach"
)

// ToldLine is one message to the sender and what became of it.
type ToldLine struct {
	Text   string
	Failed bool
}

// AskPage asks before it does something that a link in a mail leads to: a GET
// never acts.
type AskPage struct {
	Frame
	Title, Lead string
	Go          string // the button; empty once it is done
	Notice      *Notice
}

func (*AskPage) template() string { return "ask" }

// LostPage takes an address or a number, and answers the same whatever it is.
type LostPage struct {
	Frame
	Errors  []FieldError
	Notice  *Notice
	Contact Field
	Sent    bool
}

func (*LostPage) template() string { return "lost" }

// hasContact reports whether there is a contact to speak of.
func hasContact(_ *Web, v *intake.View) bool { return v.Contact != (civic.Contact{}) }

// addTelling tells what was sent to the sender and where it goes.
func (w *Web) addTelling(page *TrackedPage, words words, v *intake.View) {
	for _, m := range v.Messages {
		page.Told = append(page.Told, w.toldLine(words, m))
	}
	for _, f := range []Fact{{"email", v.Contact.Email}, {"phone", v.Contact.Phone}, {"address", v.Contact.Address}} {
		if f.Value != "" {
			page.Reached = append(page.Reached, Fact{words.t("reach." + f.Label), f.Value})
		}
	}
	switch {
	case v.Contact.Email == "":
	case !v.Reach.FailingAt.IsZero():
		page.Care = words.t("reach.failing")
	case !v.Reach.Confirmed():
		page.Care = words.t("reach.not_confirmed")
	}
}

// toldLine says what became of one message, in the sender's words.
func (w *Web) toldLine(words words, m civic.Message) ToldLine {
	what := words.t("told." + string(m.Kind))
	switch m.State {
	case civic.MessageSent:
		by := m.Way
		if by == "" {
			by = civic.ByMail
		}
		return ToldLine{Text: words.t("told_state.sent_"+string(by), "what", what, "date", i18n.Date(words.lang, m.SentAt, civic.Zone))}
	case civic.MessageQueued:
		return ToldLine{Text: words.t("told_state.queued", "what", what)}
	}
	why := words.optional("told_reason." + m.Reason)
	if why == "" {
		why = words.t("told_reason.no_channel")
	}
	return ToldLine{Text: words.t("told_state.not_sent", "what", what, "why", why), Failed: true}
}

func messagesFields(f *form) []Field {
	choice := func(name string, values ...string) Field {
		return f.field(name, func(field *Field) {
			field.Widget, field.Required = "radios", true
			for _, v := range values {
				key := v
				if key == "" {
					key = "best"
				}
				field.Options = append(field.Options, Option{Value: v, Label: f.words.t("reach_choice." + name + "." + key)})
			}
		})
	}
	return []Field{choice("wants", "all", "needed", "none"), choice("language", "", "vi", "en"), choice("way", "", "mail", "sms")}
}

func chooseMessages(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error {
	return w.Reach.Choose(ctx, a, code, reach.Choice{
		Wants: civic.Wants(value("wants")), Language: civic.Language(value("language")), Way: civic.Way(value("way")),
	})
}

func eraseFields(f *form) []Field {
	return []Field{f.field("erase_sure", func(field *Field) { field.Widget, field.Required = "checkbox", true })}
}

// contactFields are empty: what is known stands on the page, masked, for
// somebody may look over the sender's shoulder.
func contactFields(f *form) []Field {
	return []Field{
		f.field("email", func(field *Field) { field.Type, field.Autocomplete, field.Plain = "email", "email", true }),
		f.field("phone", func(field *Field) { field.Type, field.Autocomplete = "tel", "tel" }),
		f.field("address", func(field *Field) { field.Autocomplete = "street-address" }),
	}
}

func changeContact(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error {
	return w.Reach.Change(ctx, a, code, civic.Contact{Email: value("email"), Phone: value("phone"), Address: value("address")})
}

func eraseContact(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error {
	if value("erase_sure") != "yes" {
		return errs.InvalidFields(errs.Field{Name: "erase_sure", Code: "field.required"})
	}
	return w.Reach.Erase(ctx, a, code)
}

func (w *Web) askPage(c echo.Context, what string) *AskPage {
	words := w.words(c)
	page := &AskPage{Frame: w.frame(c, "track", words.t("ask."+what+".title"))}
	page.NoIndex = true
	page.Title, page.Lead, page.Go = page.Frame.Title, words.t("ask."+what+".lead"), words.t("ask."+what+".go")
	return page
}

// asked shows that it is done.
func (w *Web) asked(c echo.Context, what string) error {
	page := w.askPage(c, what)
	page.Lead, page.Go = "", ""
	page.Notice = &Notice{Tone: "done", Text: w.words(c).t("ask." + what + ".done")}
	return w.show(c, http.StatusOK, page)
}

// badLink says that a link does not hold; other failures are everybody's.
func (w *Web) badLink(c echo.Context, what string, err error) error {
	if errs.KindOf(err) != errs.NotFound {
		return err
	}
	page := w.askPage(c, what)
	page.Lead, page.Go = "", ""
	page.Notice = &Notice{Tone: "care", Text: w.words(c).t("problem.link.not_valid")}
	return w.showFailed(c, err, page)
}

func (w *Web) showConfirm(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	if err := w.Reach.CheckConfirm(c.Request().Context(), code, c.Param("token")); err != nil {
		return w.badLink(c, "confirm", err)
	}
	return w.show(c, http.StatusOK, w.askPage(c, "confirm"))
}

func (w *Web) postConfirm(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	if err := w.Reach.Confirm(c.Request().Context(), code, c.Param("token")); err != nil {
		return w.badLink(c, "confirm", err)
	}
	return w.asked(c, "confirm")
}

func (w *Web) showStop(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	if err := w.Reach.CheckStop(code, c.Param("token")); err != nil {
		return w.badLink(c, "stop", err)
	}
	return w.show(c, http.StatusOK, w.askPage(c, "stop"))
}

// postStop is what the button does, and the one click of a mail program (RFC
// 8058).
func (w *Web) postStop(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	if err := w.Reach.Stop(c.Request().Context(), code, c.Param("token")); err != nil {
		return w.badLink(c, "stop", err)
	}
	return w.asked(c, "stop")
}

func (w *Web) lostPage(c echo.Context, values map[string]string, wrong []errs.Field) *LostPage {
	words := w.words(c)
	page := &LostPage{Frame: w.frame(c, "track", words.t("lost.title"))}
	f := newForm(words, values, wrong)
	f.prefix = "lost-"
	page.Contact = f.field("contact", func(field *Field) {
		field.Required, field.Plain = true, true
		field.Label, field.Hint = words.t("lost.contact"), words.t("lost.contact_hint")
	})
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page
}

func (w *Web) showLost(c echo.Context) error {
	return w.show(c, http.StatusOK, w.lostPage(c, map[string]string{}, nil))
}

func (w *Web) postLost(c echo.Context) error {
	typed := c.FormValue("contact")
	err := w.Reach.Lost(c.Request().Context(), typed, httpx.ClientKey(c))
	if err != nil && errs.KindOf(err) != errs.Invalid {
		return err
	}
	if err != nil {
		return w.showFailed(c, err, w.lostPage(c, map[string]string{"contact": typed}, errs.FieldsOf(err)))
	}
	page := w.lostPage(c, map[string]string{}, nil)
	page.Sent, page.Notice = true, &Notice{Tone: "done", Text: w.words(c).t("lost.sent")}
	return w.show(c, http.StatusOK, page)
}
