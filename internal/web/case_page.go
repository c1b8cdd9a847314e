package web

import (
	"context"
	"time"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/i18n"
)

const (
	besideShown = 3
	// similarPageWait is how long the page of a case waits for similar ones; it
	// is complete without them.
	similarPageWait = 700 * time.Millisecond
)

// similarTo lists public cases that ask for the same. Search being away or slow
// takes nothing else from the page.
func (w *Web) similarTo(ctx context.Context, words words, sub *civic.Submission) []Related {
	ctx, cancel := context.WithTimeout(ctx, similarPageWait)
	defer cancel()
	found, err := w.Triage.Similar(ctx, sub.PublicTitle, sub.PublicBody)
	if err != nil {
		return nil
	}
	var out []Related
	for _, match := range found {
		if match.Case.Code == sub.Code || len(out) == besideShown {
			continue
		}
		out = append(out, Related{
			Code: match.Case.Code.String(), URL: publicPath(words.lang, match.Case.Code), Title: match.Case.PublicTitle,
			Language: match.Case.Language, State: match.Case.State,
		})
	}
	return out
}

// noAnswer says why a public case shows no answer; empty when it shows one, or
// says elsewhere why it is not handled.
func (w words) noAnswer(found *answers.PublicCase) string {
	state := found.Submission.State
	switch {
	case found.Answer != nil || state == civic.Rejected:
		return ""
	case state == civic.Merged || state == civic.Withdrawn:
		return w.t("case.none." + string(state))
	case civic.WithAnswer.Has(state):
		return w.t("case.none.private")
	}
	return w.t("case.no_answer")
}

// senderName is how the page calls who wrote; empty when that is not shown.
func (w words) senderName(s answers.Sender) Name {
	vietnamese := func(text string) Name { return Name{Text: text, Lang: civic.Vietnamese} }
	own := func(key string, args ...any) Name { return Name{Text: w.t(key, args...), Lang: civic.Language(w.lang)} }
	switch {
	case s.Name != "" && s.Masked:
		return own("case.sender_masked", "initials", s.Name)
	case s.Name != "":
		return vietnamese(s.Name)
	case s.Type == civic.Organisation:
		return own("case.sender_organisation")
	}
	return own("case.sender_hidden")
}

// describe tells of a public case to search engines in the words of
// schema.org: a page with one question and, once there is one, its answer. It says what the
// page says and nothing more.
func describe(p *CasePage, s answers.Sender) map[string]any {
	address := p.Canonical
	question := map[string]any{
		"@type": "Question", "@id": address + "#question", "name": p.CaseTitle, "text": p.Body, "url": address,
		"inLanguage": string(p.Language), "dateCreated": i18n.Machine(p.ReceivedAt, civic.Zone), "answerCount": 0,
	}
	if s.Name != "" && !s.Masked {
		kind := "Person"
		if s.Type == civic.Organisation {
			kind = "Organization"
		}
		question["author"] = map[string]any{"@type": kind, "name": s.Name}
	}
	if p.Topic.Text != "" {
		question["about"] = map[string]any{"@type": "Thing", "name": p.Topic.Text}
	}
	if a := p.Answer; a != nil {
		question["answerCount"] = 1
		answer := map[string]any{
			"@type": "Answer", "text": a.Text, "url": address + "#answer", "inLanguage": string(a.Language),
			"dateCreated": i18n.Machine(a.At, civic.Zone),
		}
		if a.Agency.Text != "" {
			answer["author"] = map[string]any{"@type": "GovernmentOrganization", "name": a.Agency.Text}
		}
		question["acceptedAnswer"] = answer
	}
	return map[string]any{"@context": "https://schema.org", "@type": "QAPage", "url": address, "inLanguage": string(p.Lang), "mainEntity": question}
}
