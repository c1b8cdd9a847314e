package web

import (
	"math"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/learning"
	"hienke/internal/store"
)

const modelsPath = "/staff/models"

func (w *Web) showModels(c echo.Context) error {
	page, err := w.modelsPage(c)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "models.done.")
	return w.show(c, http.StatusOK, page)
}

func (w *Web) modelsPage(c echo.Context) (*ModelsPage, error) {
	o, err := w.Learning.List(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return nil, err
	}
	words := w.words(c)
	page := &ModelsPage{
		Frame: w.staffFrame(c, "models", words.t("staff.models")), Serving: words.t("models.none"), Asked: words.trainingAsked(o.Trainings),
		Lines: words.learningLines(o),
	}
	if o.Broken != "" {
		notice := &Notice{Tone: "stop", Title: words.t("models.broken_title"), Alert: true,
			Text: words.t("models.broken", "version", o.Activation.Version, "detail", firstLine(o.Broken))}
		if o.Serving != "" {
			notice.Text += " " + words.t("models.broken_serving", "version", o.Serving)
		} else {
			notice.Text += " " + words.t("models.broken_alone")
		}
		page.Notices = append(page.Notices, notice)
	}
	if o.Serving != "" {
		page.Serving = words.t("models.serving", "version", o.Serving)
	}
	for _, v := range o.Versions {
		page.Versions = append(page.Versions, words.modelRow(v, o))
		if v.Version == o.Serving {
			page.Calibration = words.calibration(v.Figures.Calibration)
		}
	}
	for _, t := range o.Trainings {
		page.Trainings = append(page.Trainings, words.trainingRow(t))
	}
	return page, nil
}

// learningLines tell since when the active version is so, and what there is to
// learn from.
func (w words) learningLines(o learning.Overview) []string {
	var out []string
	if !o.Activation.At.IsZero() {
		key := "models.active_by_person"
		if o.Activation.By == 0 {
			key = "models.active_by_system"
		}
		out = append(out, w.t(key, "time", i18n.DateTime(w.lang, o.Activation.At, civic.Zone)))
	}
	confirmed := w.plural("models.confirmed", o.Confirmed)
	if !o.NewestAt.IsZero() {
		confirmed += " " + w.t("models.newest", "time", i18n.DateTime(w.lang, o.NewestAt, civic.Zone))
	}
	return append(out, confirmed)
}

// trainingAsked tells of a training that waits or runs.
func (w words) trainingAsked(all []store.Training) string {
	for _, t := range all {
		if t.EndedAt.IsZero() {
			return w.t("models.asked", "time", i18n.DateTime(w.lang, t.AskedAt, civic.Zone))
		}
	}
	return ""
}

func (w words) modelRow(v learning.Version, o learning.Overview) ModelRow {
	row := ModelRow{
		Version: v.Version, TrainedAt: v.TrainedAt, Reason: w.modelReason(v.Reason), Examples: v.Examples, Classes: v.Figures.Classes,
		Accuracy: "–", MacroF1: "–", Top3: "–", Auto: "–",
	}
	if m := v.Figures.Own; m != nil {
		row.Accuracy, row.MacroF1, row.Top3, row.Auto = w.tenths(m.Accuracy), w.tenths(m.MacroF1), w.tenths(m.Top3), w.tenths(m.AutoShare)
	}
	if v.Trainer != "" {
		row.Reason += ", " + v.Trainer
	}
	if v.Version == o.Serving {
		row.Tags = append(row.Tags, Tag{w.t("models.tag_serving"), "done"})
	}
	if v.Active && o.Broken != "" {
		row.Tags = append(row.Tags, Tag{w.t("models.tag_broken"), "stop"})
	}
	if !v.RolledBackAt.IsZero() {
		row.Tags = append(row.Tags, Tag{w.t("models.tag_rolled_back"), "wait"})
	}
	if v.Verdict != "" {
		row.Verdict = w.t("models.verdicts." + string(v.Verdict))
	}
	if v.Figures.Rival != nil {
		row.Compared = w.plural("models.compared", v.Figures.HeldOut, "own", v.Figures.OnlyOwn, "rival", v.Figures.OnlyRival)
	}
	if !v.Pruned && !v.Active {
		row.Activate = modelsPath + "/" + url.PathEscape(v.Version) + "/activate"
	}
	return row
}

// modelReason says why a model was trained. One of an older program has no
// reason.
func (w words) modelReason(code string) string {
	if text := w.optional("models.reason." + code); code != "" && text != "" {
		return text
	}
	return "–"
}

func (w words) trainingRow(t store.Training) TrainingRow {
	row := TrainingRow{AskedAt: t.AskedAt, Reason: w.modelReason(t.Reason), Result: w.t("models.running"), Failed: t.Outcome == learning.OutcomeFailed}
	if !t.EndedAt.IsZero() {
		if row.Result = w.optional("models.verdicts." + t.Outcome); row.Result == "" {
			row.Result = t.Outcome
		}
	}
	return row
}

// calibration is the table of what the probabilities meant, without the lines
// into which nothing fell.
func (w words) calibration(bins []learning.Bin) []CalibrationRow {
	var out []CalibrationRow
	for _, b := range bins {
		if b.Rows == 0 {
			continue
		}
		out = append(out, CalibrationRow{
			Between: i18n.Percent(w.lang, b.From) + " – " + i18n.Percent(w.lang, b.To), Said: w.tenths(b.Mean), Right: w.tenths(b.Right), Rows: b.Rows,
		})
	}
	return out
}

// tenths writes a share between 0 and 1 in per cent with one decimal: two
// models differ by less than one.
func (w words) tenths(share float64) string {
	n := int64(math.Round(share * 1000))
	point := ","
	if w.lang == i18n.English {
		point = "."
	}
	return i18n.Number(w.lang, n/10) + point + i18n.Number(w.lang, n%10) + "%"
}

// postTrain asks for a training. While one waits, a second click asks for
// nothing more.
func (w *Web) postTrain(c echo.Context) error {
	if _, err := w.Learning.TrainNow(c.Request().Context(), httpx.ActorFrom(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, modelsPath+"?done=train")
}

// modelAsked finds the version of the address.
func (w *Web) modelAsked(c echo.Context) (learning.Version, learning.Overview, error) {
	o, err := w.Learning.List(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return learning.Version{}, o, err
	}
	for _, v := range o.Versions {
		if v.Version == c.Param("version") {
			return v, o, nil
		}
	}
	return learning.Version{}, o, errs.New(errs.NotFound, "model.not_found")
}

// showActivate says what going to another version will do, and asks once more.
func (w *Web) showActivate(c echo.Context) error {
	v, o, err := w.modelAsked(c)
	if err != nil {
		return err
	}
	words := w.words(c)
	if v.Active {
		return c.Redirect(http.StatusSeeOther, modelsPath)
	}
	title := words.t("models.confirm.title", "time", i18n.DateTime(words.lang, v.TrainedAt, civic.Zone))
	page := &ConfirmPage{
		Frame: w.staffFrame(c, "models", title), Heading: title, URL: modelsPath + "/" + url.PathEscape(v.Version) + "/activate",
		Lines:  []string{words.t("models.confirm.effect", "version", v.Version)},
		Button: Button{Label: words.t("models.confirm.go"), Tone: "warning"}, Back: Link{Label: words.t("models.back"), URL: modelsPath},
	}
	for _, active := range o.Versions {
		if active.Active && v.TrainedAt.Before(active.TrainedAt) {
			page.Lines = append(page.Lines, words.t("models.confirm.older"))
		}
	}
	return w.show(c, http.StatusOK, page)
}

// postActivate lets a version serve. A second click finds it serving.
func (w *Web) postActivate(c echo.Context) error {
	err := w.Learning.Activate(c.Request().Context(), httpx.ActorFrom(c), c.Param("version"))
	if err == nil {
		return c.Redirect(http.StatusSeeOther, modelsPath+"?done=activate")
	}
	if !worthKeeping(err) {
		return err
	}
	page, readErr := w.modelsPage(c)
	if readErr != nil {
		return err
	}
	words := w.words(c)
	page.Notices = append(page.Notices, &Notice{Tone: "stop", Title: words.t("desk.refused_title"), Text: words.problem(err), Alert: true})
	page.Failed = true
	return w.showFailed(c, err, page)
}
