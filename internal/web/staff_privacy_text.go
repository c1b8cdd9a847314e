package web

import (
	"strconv"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/matching"
	"hienke/internal/privacy"
)

// actCorrectText puts right what stands in the text of a case.
const actCorrectText = "correct_text"

// rewordingFields are the fields of such a correction, those of the public
// version among them.
var rewordingFields = []string{"title", "body", "public_title", "public_body", "reason", "personal_checked"}

func rewordingOf(value func(string) string) privacy.Rewording {
	version, _ := strconv.Atoi(value("version")) // none is none that a case has
	return privacy.Rewording{
		Version: version, Title: value("title"), Body: value("body"), PublicTitle: value("public_title"), PublicBody: value("public_body"),
		Reason: value("reason"), Checked: value("personal_checked") != "",
	}
}

// reworded makes the form: the text as it stands, and the public version only
// where it does not follow the text by itself. Where the case changed since the
// person opened it, what the person wrote stands beside what the case has now.
func (p *PrivacyCasePage) reworded(words words, block *FormBlock, f *form, found privacy.Shown, tried attempt) {
	sub := found.Case
	block.Hidden = []Hidden{{"version", strconv.Itoa(sub.Version)}}
	for name, text := range textOf(sub) {
		f.suggest(name, text)
	}
	ownTitle, ownBody := privacy.OwnPublic(sub)
	say := func(name string, more func(*Field)) {
		block.Fields = append(block.Fields, f.field(name, func(field *Field) {
			field.Required, field.Hint, field.Label = true, words.optional("privacy.field_hint."+name), words.t("privacy.field."+name)
			if more != nil {
				more(field)
			}
		}))
	}
	rows := func(n int) func(*Field) {
		return func(field *Field) { field.Widget, field.Rows = "textarea", n }
	}
	say("title", nil)
	say("body", rows(12))
	if ownTitle {
		say("public_title", nil)
	}
	if ownBody {
		say("public_body", rows(12))
	}
	say("reason", rows(3))
	mine := tried.action == actCorrectText
	if _, unlooked := f.problemOf("personal_checked"); unlooked || mine && tried.values["personal_checked"] != "" {
		seen := words.t("privacy.looks_personal", "list", personalIn(tried.values))
		say("personal_checked", func(field *Field) { field.Widget, field.Required, field.Hint = "checkbox", false, seen })
	}
	if mine && errs.CodeOf(tried.err) == httpx.CodeOldVersion {
		p.meetText(words, sub, tried.values)
	}
}

// personalIn lists what seems to be personal data in what the public would read.
func personalIn(typed map[string]string) string {
	var out []string
	for _, name := range []string{"title", "body"} {
		text := typed["public_"+name]
		if text == "" {
			text = typed[name]
		}
		for _, run := range marked(text) {
			if run.Kind != "" {
				out = append(out, run.Text)
			}
		}
	}
	return strings.Join(out, "; ")
}

// textOf are the texts of a case as the fields of a correction name them.
func textOf(sub civic.Submission) map[string]string {
	return map[string]string{"title": sub.Title, "body": sub.Body, "public_title": sub.PublicTitle, "public_body": sub.PublicBody}
}

// meetText shows what the person wrote beside the texts that the case has now.
func (p *PrivacyCasePage) meetText(words words, sub civic.Submission, typed map[string]string) {
	p.Conflict = &Conflict{Back: "#" + actCorrectText}
	now := textOf(sub)
	for _, name := range rewordingFields {
		theirs, mine := now[name], typed[name]
		if theirs == "" || mine == "" {
			continue
		}
		text := ConflictText{Label: words.t("privacy.field." + name)}
		text.Mine, text.Theirs = matching.Differences(mine, theirs)
		p.Conflict.Texts = append(p.Conflict.Texts, text)
	}
}
