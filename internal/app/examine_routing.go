package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hienke/internal/civic"
)

// examineRules tells of rules that fail, cannot be compiled, or point at an
// agency that receives nothing.
func (a *App) examineRules(ctx context.Context) Check {
	c := Check{Name: "rules"}
	h, err := a.Rulebook.Health(ctx)
	if c.Err = err; err != nil {
		return c
	}
	c.Finding = fmt.Sprintf("%d decide", h.Live)
	var advice []string
	for _, f := range h.Failing {
		advice = append(advice, fmt.Sprintf("Rule %s version %d failed on %d texts, the last time %s: %s.",
			f.ID, f.Version, f.Errors, f.LastAt.In(civic.Zone).Format(time.DateTime), oneLine(f.LastError)))
	}
	if len(h.Broken) > 0 {
		advice = append(advice, "Cannot be compiled and decide nothing: "+strings.Join(h.Broken, ", ")+".")
	}
	if len(h.Ended) > 0 {
		advice = append(advice, "Point at an agency that receives nothing now: "+strings.Join(h.Ended, ", ")+".")
	}
	c.Warning, c.Advice = len(advice) > 0, strings.Join(advice, " ")
	return c
}

// oneLine is the first line of what a compiler says.
func oneLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// examineClassifier tells which model serves, and whether the active one can
// be read.
func (a *App) examineClassifier(ctx context.Context) Check {
	c := Check{Name: "classifier"}
	h, err := a.Learning.Health(ctx)
	if c.Err = err; err != nil {
		return c
	}
	if h.Active == "" {
		c.Finding = "none yet; the server trains one when it starts"
		return c
	}
	c.Finding = fmt.Sprintf("%s of %s, from %d confirmed routings", h.Active, h.TrainedAt.In(civic.Zone).Format(time.DateTime), h.Examples)
	if h.Broken != "" {
		c.Warning = true
		c.Advice = fmt.Sprintf("It cannot be read (%s); %s serves. The server trains it anew within a minute.", h.Broken, orNone(h.Serving))
	}
	if h.Waiting > 0 {
		c.Warning = true
		c.Advice = strings.TrimSpace(fmt.Sprintf("%s %d examples of agencies that ended wait for a coordinator to say who took over.", c.Advice, h.Waiting))
	}
	return c
}

func orNone(version string) string {
	if version == "" {
		return "none"
	}
	return version
}
