package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/drafts"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/intake"
	"hienke/internal/triage"
)

// Staff write down what somebody sends on paper or says: one form, one page to
// check it before anything is stored, and a receipt to hand over or to post.

const (
	intakePath  = "/staff/intake"
	receiptPath = intakePath + "/receipt/"

	fieldKey = "key" // tells one form from another
	fieldDo  = "do"  // which button was pressed
	doStore  = "store"
	doEdit   = "edit"
)

// keyedNames are the fields of the form, in their order.
var keyedNames = []string{
	"via", "received_on", "kind", "title", "body", "topic", "area", "language",
	"submitter.type", "submitter.name", "submitter.organisation", "submitter.phone", "submitter.email", "submitter.address",
	"keyed_consent", "consent.publish_name",
	"child", "guardian.name", "guardian.email", "guardian.phone", "guardian.signed", "guardian.signed_publish",
}

// KeyedPage is the form, or with Review what will be stored.
type KeyedPage struct {
	Frame
	Errors []FieldError
	Notice *Notice
	Key    string
	Fields []Field

	Review   bool
	Rows     []Row
	Kept     []Hidden
	Findings *CheckPage
	// Near is what is nearly the same, Similar what may ask for the same.
	Near, Similar []Related
}

func (*KeyedPage) template() string { return "staff_intake" }

// KeyedReceiptPage is the receipt to hand over or to post, in the sender's
// language.
type KeyedReceiptPage struct {
	Frame
	Language            civic.Language
	Code, Secret        string
	CaseTitle           string
	Lead, Keep, Due, At string
	Labels              map[string]string
	Address             string
	QR                  QRCode
	CaseURL             string // empty: out of the person's reach
}

func (*KeyedReceiptPage) template() string { return "staff_intake_receipt" }

func (w *Web) intakeRoutes(g *echo.Group) {
	key := httpx.Require(civic.KeyIn)
	g.GET("/intake", w.showKeyIn, key)
	g.POST("/intake", w.postKeyIn, key)
	g.GET("/intake/receipt/:code", w.showKeyedReceipt, key)
}

func (w *Web) showKeyIn(c echo.Context) error {
	return w.show(c, http.StatusOK, w.keyedPage(c, map[string]string{"language": string(civic.Vietnamese)}, nil))
}

// keyedPage is the form with what was typed.
func (w *Web) keyedPage(c echo.Context, values map[string]string, wrong []errs.Field) *KeyedPage {
	words := w.words(c)
	page := &KeyedPage{Frame: w.staffFrame(c, "intake", words.t("staff_intake.heading")), Key: values[fieldKey]}
	if page.Key == "" {
		page.Key = w.NewKey()
	}
	f := newForm(words, values, wrong)
	for _, name := range keyedNames {
		page.Fields = append(page.Fields, f.field(name, func(field *Field) { w.dressKeyed(field, words) }))
	}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page
}

// dressKeyed sets what differs from the sender's own form.
func (w *Web) dressKeyed(field *Field, words words) {
	dress(field, words, w.Registry, w.Now())
	own := "staff_intake." + strings.ReplaceAll(field.Name, ".", "_")
	if label := words.optional(own + ".label"); label != "" {
		field.Label, field.Hint = label, words.optional(own+".hint")
	}
	choice := func(kind string, values []string) {
		field.Widget, field.Required = "radios", true
		for _, v := range values {
			field.Options = append(field.Options, Option{Value: v, Label: words.t(kind + v)})
		}
	}
	switch field.Name {
	case "via":
		choice("desk.channels.", plain(civic.KeyedChannels))
	case "keyed_consent":
		choice("staff_intake.consents.", plain(civic.KeyedConsents))
	case "guardian.name", "guardian.email", "guardian.phone":
		field.Required, field.Bare = false, true // of a child alone
	case "guardian.signed", "guardian.signed_publish":
		field.Widget = "checkbox"
	case "received_on":
		dayControl(field)
		field.Required = true
	case "kind":
		field.Widget, field.Quiet = "select", false
		field.Options = append([]Option{{Label: words.t("form.choose")}}, field.Options...)
	case "language":
		field.Widget, field.Required = "select", true
		for _, l := range i18n.Langs {
			field.Options = append(field.Options, Option{Value: string(l), Label: languageName(l), Lang: civic.Language(l)})
		}
	case "submitter.name", "submitter.organisation", "submitter.phone", "submitter.email", "submitter.address":
		field.Autocomplete = "off" // it is not the data of whoever sits at this desk
	}
}

func plain[T ~string](set []T) []string {
	out := make([]string, len(set))
	for i, v := range set {
		out[i] = string(v)
	}
	return out
}

// keyedValues reads the form.
func keyedValues(form url.Values) map[string]string {
	values := map[string]string{fieldKey: form.Get(fieldKey)}
	for _, name := range keyedNames {
		values[name] = strings.TrimSpace(strings.ReplaceAll(form.Get(name), "\r\n", "\n"))
	}
	return values
}

// keyed is what the form's values say.
func keyed(values map[string]string) intake.Keyed {
	kind, open := kindOf(values)
	out := intake.Keyed{
		Draft: civic.Draft{
			Kind: kind, KindOpen: open, Title: values["title"], Body: values["body"],
			Topic: civic.TopicCode(values["topic"]), Area: civic.AreaCode(values["area"]), Language: civic.Language(values["language"]),
			Channel: civic.Channel(values["via"]), Submitter: civic.SubmitterType(values["submitter.type"]),
			Contact: civic.Contact{
				Name: values["submitter.name"], Email: values["submitter.email"], Phone: values["submitter.phone"],
				Address: values["submitter.address"], Organisation: values["submitter.organisation"],
			},
			PublishName: values["consent.publish_name"] == "yes",
		},
		ReceivedOn: dateTyped(values["received_on"]), Consent: civic.Consent(values["keyed_consent"]), Key: values[fieldKey],
	}
	if out.Child = isChild(values); out.Child {
		out.Guardian = guardianOf(values)
		out.Signed = intake.Signed{Guardian: values["guardian.signed"] == "yes", Publish: values["guardian.signed_publish"] == "yes"}
	}
	return out
}

// postKeyIn checks what was typed, shows it once more with what resembles it,
// and stores it when that was confirmed.
func (w *Web) postKeyIn(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	values, actor := keyedValues(form), httpx.ActorFrom(c)
	k := keyed(values)
	err = w.Intake.CheckKeyed(actor, &k)
	if err == nil && values["received_on"] != "" && k.ReceivedOn == (civic.Date{}) {
		err = errs.InvalidFields(errs.Field{Name: "received_on", Code: "field.unknown_value"})
	}
	switch {
	case err != nil:
		return w.keyInFailed(c, values, err)
	case form.Get(fieldDo) == doEdit:
		return w.show(c, http.StatusOK, w.keyedPage(c, values, nil))
	case form.Get(fieldDo) != doStore:
		return w.reviewKeyed(c, actor, values)
	}
	ack, err := w.Intake.KeyIn(c.Request().Context(), actor, k)
	if err != nil {
		return w.keyInFailed(c, values, err)
	}
	return c.Redirect(http.StatusSeeOther, receiptPath+ack.Code.String())
}

func (w *Web) keyInFailed(c echo.Context, values map[string]string, err error) error {
	if !worthKeeping(err) {
		return err
	}
	page := w.keyedPage(c, values, errs.FieldsOf(err))
	if len(page.Errors) == 0 {
		page.Notice = w.problemNotice(w.words(c), err)
	}
	return w.showFailed(c, err, page)
}

// reviewKeyed shows what will be stored, what the text itself calls for, and
// earlier cases that it may repeat.
func (w *Web) reviewKeyed(c echo.Context, actor civic.Actor, values map[string]string) error {
	words := w.words(c)
	found, err := w.Triage.Resembling(c.Request().Context(), actor, values["title"], values["body"])
	if err != nil {
		return err
	}
	page := w.keyedPage(c, values, nil)
	page.Review, page.Title = true, words.t("staff_intake.review")
	for _, f := range page.Fields {
		row := Row{Name: f.Name, Label: f.Label, Value: f.shown(f.Value), Long: f.Widget == "textarea"}
		switch {
		case f.Widget == "checkbox":
			row.Value = words.t("submit.no")
			if f.Value == "yes" {
				row.Value = words.t("submit.yes")
			}
		case f.Name == "received_on":
			row.Value = i18n.Date(words.lang, dateTyped(f.Value).Start(), civic.Zone)
		case f.Value == "" && f.Widget != "select":
			row.Value, row.Empty = words.t("submit.not_given"), true
		}
		page.Rows = append(page.Rows, row)
		page.Kept = append(page.Kept, Hidden{f.Name, f.Value})
	}
	page.Findings = w.checkPage(c, drafts.Draft{Values: values})
	for _, r := range found {
		w.addResembling(page, words, r)
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) addResembling(page *KeyedPage, words words, found triage.Resembling) {
	r := related(found.Case, found.Visible)
	if !found.Visible && found.Case.Visibility.Public() {
		r.URL, r.Title = publicPath(words.lang, found.Case.Code), found.Case.PublicTitle
	}
	r.Reason = words.t("desk.score", "score", i18n.Percent(words.lang, found.Score)) + ", " +
		i18n.ShortDate(words.lang, found.Case.ReceivedAt, civic.Zone) + ", " + words.t("desk.channels."+string(found.Case.Channel))
	if found.Near {
		page.Near = append(page.Near, r)
		return
	}
	page.Similar = append(page.Similar, r)
}

// showKeyedReceipt shows code and secret to whoever keyed it in, to be printed.
func (w *Web) showKeyedReceipt(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), httpx.ActorFrom(c)
	sub, ack, err := w.Intake.KeyedReceipt(ctx, actor, code)
	if err != nil {
		return err
	}
	lang := i18n.Lang(sub.Language.Page())
	senders := words{w.Catalogue, lang}
	day := func(at time.Time) string { return i18n.Date(lang, at, civic.Zone) }
	page := &KeyedReceiptPage{
		Frame: w.staffFrame(c, "intake", w.words(c).t("staff_intake.receipt")), Language: civic.Language(lang),
		Code: code.String(), Secret: civic.GroupSecret(ack.Secret), CaseTitle: sub.Title,
		Lead: senders.t("staff_intake.slip.lead", "channel", senders.t("staff_intake.slip.by."+string(sub.Channel)), "date", day(sub.ReceivedAt)),
		Keep: senders.t("sent.keep"), At: senders.t("staff_intake.slip.where", "address", w.PublicURL+"/"+string(lang)+"/track"),
		Labels: map[string]string{
			"title": senders.t("staff_intake.slip.title"), "code": senders.t("sent.code"), "secret": senders.t("sent.secret"), "qr": senders.t("sent.qr"),
			"qrLabel": senders.t("sent.qr_label"),
		},
	}
	if !sub.DueAt.IsZero() {
		page.Due = senders.t("sent.next_due", "date", day(sub.DueAt))
	}
	if page.QR, err = qrCode(w.PublicURL + "/" + string(lang) + casePath(code)); err != nil {
		return err
	}
	if _, err := w.Triage.Case(ctx, actor, code); err == nil {
		page.CaseURL = staffCasePath(code)
	}
	return w.show(c, http.StatusOK, page)
}
