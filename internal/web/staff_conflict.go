package web

import (
	"slices"
	"strconv"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/triage"
)

// Somebody else changed the case while a person wrote. What the person wrote
// stands in its form still; beside each other stand their text and the one that
// the case has now, and the person goes on from either. Nothing is stored until
// a form is sent at the version that was compared.

const (
	// fieldSeenEvent is the last entry of the history that the person saw.
	fieldSeenEvent = "seen"
	// fieldTake chooses the text to go on from.
	fieldTake  = "take"
	takeMine   = "mine"
	takeTheirs = "theirs"
	// minePrefix begins the fields that carry the person's own text while the
	// form holds the other.
	minePrefix = "mine."
)

// Conflict is what a person wrote beside what others made of the case meanwhile.
type Conflict struct {
	// Since is what others did, Texts the texts that differ by it.
	Since []Moment
	Texts []ConflictText
	// Back leads to the form; empty when the act is not possible any more.
	Back string
	// URL takes the choice of a text with the fields in Carried. Empty where
	// there is nothing to choose from.
	URL     string
	Carried []Hidden
	Theirs  bool // the form holds their text
}

// ConflictText is one field of the form.
type ConflictText struct {
	Label        string
	Mine, Theirs []matching.Run
}

// textFields are the fields of acts that take free text, in the order of forms.
var textFields = []string{
	"text", "correction", "remarks", "message", "reason", "question", "reply", "public_title", "public_body", "note",
}

// conflict compares what was typed with the case as it is, and puts the text
// that the person goes on from into typed.
func (w *Web) conflict(words words, p posted, name string, found triage.Case, typed map[string]string) *Conflict {
	out := &Conflict{URL: staffCasePath(p.code) + "/" + name, Theirs: p.values.Get(fieldTake) == takeTheirs}
	seen, _ := strconv.ParseInt(p.values.Get(fieldSeenEvent), 10, 64) // none: the whole history is new
	since := slices.DeleteFunc(slices.Clone(found.Timeline), func(e civic.Event) bool { return e.ID <= seen || e.User == p.actor.User })
	out.Since = w.timeline(words, since, true)
	for field, values := range p.values {
		for _, v := range values {
			if field != fieldTake && field != "version" {
				out.Carried = append(out.Carried, Hidden{field, v})
			}
		}
	}
	choice := false
	for _, field := range textFields {
		mine, asked := p.values.Get(field), p.values.Has(field)
		if kept := minePrefix + field; p.values.Has(kept) {
			mine = p.values.Get(kept)
		} else if asked {
			out.Carried = append(out.Carried, Hidden{kept, mine})
		}
		if !asked {
			continue
		}
		theirs := theirText(name, field, found, since)
		if theirs == "" && mine == "" {
			continue
		}
		choice = choice || theirs != "" && theirs != mine
		if typed[field] = mine; out.Theirs {
			typed[field] = theirs
		}
		text := ConflictText{Label: words.textLabel(name, field)}
		text.Mine, text.Theirs = matching.Differences(mine, theirs)
		if theirs == "" { // nothing to compare with: no mark
			text.Mine = []matching.Run{{Text: mine}}
		}
		out.Texts = append(out.Texts, text)
	}
	if !choice {
		out.URL = ""
	}
	out.Carried = sortedByName(out.Carried)
	return out
}

// theirText is what a field of an act would begin with now: the text that the
// case has, or else the reason that somebody gave meanwhile.
func theirText(name, field string, found triage.Case, since []civic.Event) string {
	sub, a := found.Submission, found.Answer
	switch {
	case field == "public_title" && sub.PublicTitle != "":
		return sub.PublicTitle
	case field == "public_title":
		return sub.Title
	case field == "public_body" && sub.PublicBody != "":
		return sub.PublicBody
	case field == "public_body":
		return sub.Body
	case a != nil && field == "text" && name != "note":
		return a.Text
	case a != nil && field == "correction":
		return a.Correction
	case a != nil && field == "remarks":
		return a.Remarks
	case field == "message":
		return sub.Rejection.Message
	case (field == "question" || field == "reply") && len(found.Inquiries) > 0:
		last := found.Inquiries[len(found.Inquiries)-1]
		if field == "reply" {
			return last.Reply
		}
		return last.Question
	}
	for _, e := range slices.Backward(since) {
		if e.Reason != "" && e.Actor == civic.ActorStaff && (field == "reason" || field == "note" || field == "text") {
			return e.Reason
		}
	}
	return ""
}

// textLabel is what a form calls a field.
func (w words) textLabel(name, field string) string {
	switch {
	case name == "note" && field == "text":
		return w.t("form.note.label")
	case field == "note":
		return w.t("answer_work.settle_note")
	}
	return w.t("form." + field + ".label")
}

// meet puts a conflict on the page, and the text into the form of what was
// promised, which stands apart from the other acts.
func (p *StaffCasePage) meet(c *Conflict, name string) {
	p.Conflict = c
	if slices.ContainsFunc(p.Actions, func(a Action) bool { return a.Name == name }) {
		c.Back = "#act-" + name
	}
	if len(p.Kept) > 0 && c.Back == "" {
		c.URL = "" // there is no form to go on in
	}
}
