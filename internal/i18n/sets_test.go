package i18n_test

import (
	"testing"

	"hienke/frontend"
	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/i18n"
	"hienke/internal/privacy"
	"hienke/internal/store"
)

// names turns a closed set into the ends of its keys.
func names[T ~string](set []T) []string {
	out := make([]string, 0, len(set))
	for _, v := range set {
		out = append(out, string(v))
	}
	return out
}

// Pages put these keys together from a value; a value without its text would be
// seen only on the one page that shows it.
func TestEveryValueOfAClosedSetHasAText(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(frontend.Locales())
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string][]string{
		"kind.":         names(civic.Kinds),
		"kind_hint.":    names(civic.Kinds),
		"state.":        names(civic.States),
		"state_told.":   names(civic.States),
		"outcome.":      names(civic.Outcomes),
		"due.":          names(civic.DueStates),
		"scope.":        names(civic.Scopes),
		"helped.":       names(civic.Judgements),
		"staff.role.":   names(civic.Roles),
		"desk.message.": names(civic.MessageKinds),
		"audit.source.": names(store.AuditSources),
		"audit.what.":   store.Notes,

		"audit.subject.": store.AuditSubjects,
		"users.change.":  accounts.Changes,

		"times.use.":          names(civic.LimitUses),
		"times.clock.":        names(civic.ClockTypes),
		"calendar.kind.":      names(civic.DayKinds),
		"calendar.certainty.": names(civic.Certainties),
		"recount.over.":       names(civic.RecountsOver),
		"privacy_kind.":       names(civic.PrivacyKinds),
		"privacy_kind_hint.":  names(civic.PrivacyKinds),
		"privacy_state.":      names(civic.PrivacyStates),
		"privacy_told.":       names(civic.PrivacyStates),
		"privacy_message.":    names(civic.PrivacyMessageKinds),
		"privacy.unsent.":     privacy.Reasons,

		"team.relation.":  {"part", "origin", "sibling", "same_sender", "see_also"}, // triage.Relations, which this may not import
		"opinions.state.": names(civic.OpinionStates),
		"figure.":         names(civic.Figures),
		"registry.kind.":  names(civic.EntryKinds),
		"registry.act.":   names(civic.EntryActs),
		"worklist.view.":  names(civic.Views),
		"worklist.act.":   names(civic.BulkActs),
		"worklist.state.": names(civic.BulkStates),
		"worklist.line.":  names(civic.LineStates),
		"export.state.":   names(civic.ExportStates),
		"export.file.":    names(civic.ExportFormats),
	}
	for prefix, values := range sets {
		for _, v := range values {
			if !c.Has(prefix + v) {
				t.Errorf("%s%s has no text", prefix, v)
			}
		}
	}
}
