package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/intake"
	"hienke/internal/privacy"
)

// PrivacyAskPage is where anybody asks about the own personal data.
type PrivacyAskPage struct {
	Frame
	Errors []FieldError
	Notice *Notice
	Fields []Field
	// Made is the request that was just made, nil before.
	Made *RequestLine
}

func (*PrivacyAskPage) template() string { return "privacy_request" }

// RequestLine is a request as the person who made it sees it.
type RequestLine struct {
	Ref            string
	Kind           civic.PrivacyKind
	State          civic.PrivacyState
	MadeAt         time.Time
	ReplyBy, DueAt time.Time
	Extended       string // the reason, empty where it was not
	Reason         string // of the decision, empty before
}

func requestLine(r civic.PrivacyRequest) RequestLine {
	return RequestLine{
		Ref: r.Ref, Kind: r.Kind, State: r.State, MadeAt: r.MadeAt, ReplyBy: r.ReplyBy, DueAt: r.DueAt, Extended: r.ExtendedReason, Reason: r.Reason,
	}
}

// HoldingsPage tells which personal data is kept where, why and how long.
type HoldingsPage struct {
	Frame
	Rows []HoldingRow
}

func (*HoldingsPage) template() string { return "privacy_register" }

// HoldingRow is one kind of personal data.
type HoldingRow struct{ Name, Where, Why, Basis, Kept, SeenBy Name }

func (w *Web) privacyRoutes(g *echo.Group) {
	g.GET("/privacy/request", w.showPrivacyAsk)
	g.POST("/privacy/request", w.postPrivacyAsk)
	g.GET("/privacy/register", w.showHoldings)
}

func kindRadios(f *form) Field {
	return f.field("privacy_kind", func(field *Field) {
		field.Widget, field.Required = "radios", true
		for _, k := range civic.PrivacyKinds {
			field.Options = append(field.Options, Option{
				Value: string(k), Label: f.words.t("privacy_kind." + string(k)), Hint: f.words.t("privacy_kind_hint." + string(k)),
			})
		}
	})
}

func (w *Web) privacyAskPage(c echo.Context, values map[string]string, wrong []errs.Field) *PrivacyAskPage {
	words := w.words(c)
	page := &PrivacyAskPage{Frame: w.frame(c, "privacy", words.t("privacy.title"))}
	f := newForm(words, values, wrong)
	page.Fields = []Field{
		kindRadios(f), f.field("request", textarea(6)),
		f.field("requester", func(field *Field) { field.Autocomplete = "name" }),
		f.field("reach", func(field *Field) { field.Required, field.Plain = true, true }),
		f.field("case", func(field *Field) { field.Plain = true }),
	}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page
}

func (w *Web) showPrivacyAsk(c echo.Context) error {
	return w.show(c, http.StatusOK, w.privacyAskPage(c, map[string]string{}, nil))
}

func (w *Web) postPrivacyAsk(c echo.Context) error {
	typed := map[string]string{}
	for _, name := range []string{"privacy_kind", "request", "requester", "reach", "case"} {
		typed[name] = c.FormValue(name)
	}
	made, err := w.Privacy.Ask(c.Request().Context(), civic.Public, privacy.Ask{
		Kind: civic.PrivacyKind(typed["privacy_kind"]), Language: civic.Language(w.words(c).lang),
		Written: privacy.Written{
			Name: typed["requester"], Reach: typed["reach"], Code: typed["case"], Text: typed["request"],
		},
	}, httpx.ClientKey(c))
	if err != nil && errs.KindOf(err) != errs.Invalid {
		return err
	}
	if err != nil {
		return w.showFailed(c, err, w.privacyAskPage(c, typed, errs.FieldsOf(err)))
	}
	page := w.privacyAskPage(c, map[string]string{}, nil)
	line := requestLine(made)
	page.Made, page.Notice = &line, &Notice{Tone: "done", Text: w.words(c).t("privacy.made")}
	return w.show(c, http.StatusOK, page)
}

// privacyAct is how a sender asks on the page of the own case.
var privacyAct = senderAct{
	name:    "privacy",
	offered: func(*Web, *intake.View) bool { return true },
	fields:  func(f *form) []Field { return []Field{kindRadios(f), f.field("request", textarea(4))} },
	do: func(w *Web, ctx context.Context, a civic.Actor, code civic.Code, value func(string) string) error {
		_, err := w.Privacy.Ask(ctx, a, privacy.Ask{
			Kind: civic.PrivacyKind(value("privacy_kind")), Written: privacy.Written{Text: value("request")},
		}, string(code))
		return err
	},
}

// showHoldings is the register of personal data.
func (w *Web) showHoldings(c echo.Context) error {
	words := w.words(c)
	page := &HoldingsPage{Frame: w.frame(c, "privacy", words.t("privacy.register"))}
	for _, h := range w.Registry.Lists().Holdings {
		n := func(names civic.Names) Name { return nameOf(names, words.lang) }
		page.Rows = append(page.Rows, HoldingRow{n(h.Name), n(h.Where), n(h.Why), n(h.Basis), n(h.Kept), n(h.SeenBy)})
	}
	return w.show(c, http.StatusOK, page)
}

// holdingsData is the register as a file.
func holdingsData(list []civic.Holding) []map[string]any {
	out := make([]map[string]any, len(list))
	for i, h := range list {
		out[i] = map[string]any{
			"code": h.Code, "name": h.Name, "where": h.Where, "why": h.Why, "basis": h.Basis, "kept": h.Kept, "seen_by": h.SeenBy,
		}
	}
	return out
}
