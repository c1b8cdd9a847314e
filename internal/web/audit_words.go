package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/i18n"
	"hienke/internal/store"
)

// auditSubject says what something was done to, where that is no case, with its
// page where it has one.
func (w words) auditSubject(e store.AuditEntry) Link {
	kind, what, _ := strings.Cut(e.Subject, ":")
	switch kind {
	case "":
		return Link{}
	case "user":
		return Link{Label: w.t("audit.subject.user", "what", what), URL: "/staff/users/" + what}
	case "request":
		return Link{Label: w.t("audit.subject.request", "what", what)} // its page is for data protection alone
	case "limit":
		what = w.t("times.use." + what)
	case "day":
		if day, err := time.ParseInLocation(time.DateOnly, what, civic.Zone); err == nil {
			what = i18n.ShortDate(w.lang, day, civic.Zone)
		}
	case "rule":
		if id, version, ok := strings.Cut(what, "/"); ok {
			what = w.t("audit.version", "what", id, "version", version)
		}
	}
	if list := w.optional("registry.kind." + kind); list != "" {
		return Link{Label: list + ": " + what}
	}
	return Link{Label: w.t("audit.subject."+kind, "what", what)}
}

// auditReason is the reason of a line. What the program wrote is put into the
// language of the page, what people wrote stands as it is.
func (w *Web) auditReason(words words, what, reason string) string {
	switch days, late := civic.EscalatedAfter(reason); {
	case what == string(civic.EventEscalated) && late:
		return words.plural("event.late_by", days)
	case what == string(civic.EventRouted):
		return nameOf(w.Registry.RuleName(reason), words.lang).Text
	}
	return reason
}

// auditDetail puts what else a line says into words. Names that people gave,
// such as that of a passkey, stand as they are.
func (w *Web) auditDetail(words words, e store.AuditEntry) string {
	switch {
	case e.Detail == "":
		return ""
	case e.Source == store.AuditEvents:
		return words.auditStates(e.Detail)
	case e.Source == store.AuditLooks:
		return words.optional("staff.role." + e.Detail)
	case e.Source == store.AuditAccounts:
		return w.accountDetail(words, e)
	}
	switch e.What {
	case store.NoteCaseRead, store.NoteFileRead, store.NoteQueueExported, store.NoteExportAsked, store.NoteExportTaken:
		return words.optional("staff.role." + e.Detail)
	case store.NoteRequestBounced, store.NoteRequestPosted:
		return words.optional("privacy_message." + e.Detail)
	case store.NoteRequestMade:
		return words.optional("privacy_kind." + e.Detail)
	case store.NoteRequestDecided:
		return words.optional("privacy_state." + e.Detail)
	case store.NoteRequestCorrected:
		return words.eachOf("privacy.field.", e.Detail)
	case store.NoteCalendarApplied:
		kind, certainty, _ := strings.Cut(e.Detail, " ")
		return words.optional("calendar.kind."+kind) + ", " + words.optional("calendar.certainty."+certainty)
	case store.NoteRequestExtended, store.NoteRulesOrdered:
		from, to, _ := strings.Cut(e.Detail, " > ")
		return words.t("audit.from_to", "from", words.dayText(from), "to", words.dayText(to))
	case store.NoteAuditExported:
		return words.t("audit.behind", "n", strings.TrimSuffix(e.Detail, " >"))
	case store.NoteAbsenceEntered:
		return words.absenceDetail(e.Detail)
	case store.NoteLimitSet:
		return words.limitDetail(e.Detail)
	case store.NoteRegistryChanged:
		act, fields, _ := strings.Cut(e.Detail, " ")
		return strings.TrimSuffix(words.optional("registry.act."+act)+": "+words.eachOf("registry.field.", fields), ": ")
	}
	return e.Detail
}

// auditStates are the state before and the one after.
func (w words) auditStates(detail string) string {
	before, after, moved := strings.Cut(detail, " > ")
	if !moved {
		return ""
	}
	return w.optional("state."+before) + " → " + w.optional("state."+after)
}

// accountDetail puts roles and agencies of an account into words: "officer a →
// approver b", or the role of a new one.
func (w *Web) accountDetail(words words, e store.AuditEntry) string {
	switch strings.TrimPrefix(e.What, "account_") {
	case "added", "invited":
		return words.optional("staff.role." + e.Detail)
	case "role_changed":
		sides := strings.Split(e.Detail, " → ")
		for i, side := range sides {
			role, agency, _ := strings.Cut(side, " ")
			sides[i] = words.optional("staff.role." + role)
			if name := w.agency(words.lang, civic.AgencyCode(agency)).Text; name != "" {
				sides[i] += ", " + name
			}
		}
		return strings.Join(sides, " → ")
	}
	return e.Detail
}

// eachOf puts codes with blanks between them into words.
func (w words) eachOf(prefix, codes string) string {
	var out []string
	for _, code := range strings.Fields(codes) {
		if text := w.optional(prefix + code); text != "" {
			out = append(out, text)
		}
	}
	return strings.Join(out, ", ")
}

// dayText is a day in words where the text is one.
func (w words) dayText(s string) string {
	day, err := time.ParseInLocation(time.DateOnly, s, civic.Zone)
	if err != nil {
		return s
	}
	return i18n.ShortDate(w.lang, day, civic.Zone)
}

// absenceDetail says who stands in, and for how long: "user:7 day - day".
func (w words) absenceDetail(detail string) string {
	who, days, _ := strings.Cut(strings.TrimPrefix(detail, "user:"), " ")
	from, to, _ := strings.Cut(days, " - ")
	return w.t("audit.substitute", "what", who) + ", " + w.t("audit.from_to", "from", w.dayText(from), "to", w.dayText(to))
}

// limitDetail says what a limit is: "kind=K urgent=true 5 working_days from day".
func (w words) limitDetail(detail string) string {
	var out []string
	parts := strings.Fields(detail)
	for i, part := range parts {
		name, value, named := strings.Cut(part, "=")
		switch {
		case named && name == "kind" && value != "":
			out = append(out, w.optional("kind."+value))
		case named && name == "urgent" && value == "true":
			out = append(out, w.t("times.field.urgent"))
		case part == "from" && i+1 < len(parts):
			out = append(out, w.t("audit.since", "from", w.dayText(parts[i+1])))
		case !named && i+1 < len(parts):
			if _, err := strconv.Atoi(part); err == nil {
				out = append(out, part+" "+strings.ToLower(w.optional("times.clock."+parts[i+1])))
			}
		}
	}
	return strings.Join(out, ", ")
}

// auditActs are the acts that the list can be narrowed to, beside whole logs.
func (w words) auditActs() []Option {
	out := []Option{{Label: w.t("staff.any")}}
	out = append(out, Option{Value: auditLooked, Label: w.t("audit.what." + auditLooked)})
	for _, what := range civic.EventTypes {
		out = append(out, Option{Value: string(what), Label: w.t("event."+string(what), "agency", w.t("event.agency"))})
	}
	for _, what := range store.Notes {
		out = append(out, Option{Value: what, Label: w.t("audit.what." + what)})
	}
	for _, what := range accounts.Changes {
		out = append(out, Option{Value: "account_" + what, Label: w.t("users.change." + what)})
	}
	return out
}

// auditLooked is what the log of looks at contacts says.
const auditLooked = "contact_looked"

// isAuditAct reports whether a line of the audit may say so.
func isAuditAct(what string) bool {
	return what == auditLooked || slices.Contains(civic.EventTypes, civic.EventType(what)) || slices.Contains(store.Notes, what) ||
		slices.Contains(accounts.Changes, strings.TrimPrefix(what, "account_"))
}
