package triage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// publicShown is how many similar public cases a writer is shown.
const publicShown = 5

// leastTerms is how many different words and pairs of words a text must have
// to be compared: three words and their pairs. Fewer are hardly one Vietnamese
// noun, and who has typed no more is better served by an empty answer at once.
const leastTerms = 5

// PublicMatch is a published case that a text may repeat.
type PublicMatch struct {
	Case  civic.Submission // its public version; Title and Body are empty
	Score float64
	Terms []string
}

// Similar finds published cases for a text that is still being written. It
// stores nothing, and reads nothing but what is public already: cases are
// found, ranked and explained by their public versions alone, so that neither
// a private case nor what was taken out of a public one decides anything.
func (s *Service) Similar(ctx context.Context, title, body string) ([]PublicMatch, error) {
	title, err := words("title", title, 0, civic.MaxTitle)
	if err != nil {
		return nil, err
	}
	if body, err = words("body", body, 0, civic.MaxBody); err != nil {
		return nil, err
	}
	analysis := matching.Analyze(matching.Document{Title: title, Body: body})
	terms := analysis.Terms()
	if len(terms) <= leastTerms { // one of them is EveryDocument
		return nil, nil
	}
	var out []PublicMatch
	err = s.Store.View(ctx, func(tx store.Tx) error {
		freq, err := tx.Shelf().Frequencies(ctx, terms)
		if err != nil {
			return err
		}
		similar, err := analysis.Similar(ctx, tx.Shelf(), freq)
		if err != nil {
			return err
		}
		out, err = offered(ctx, tx, similar)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for similar public cases: %w", err)
	}
	return out, nil
}

// offered returns the best of what was found, one of each text.
func offered(ctx context.Context, tx store.Tx, similar []matching.Similar) ([]PublicMatch, error) {
	ids := make([]civic.SubmissionID, len(similar))
	for i, m := range similar {
		ids[i] = civic.SubmissionID(m.ID)
	}
	subs, err := tx.Submissions().List(ctx, ids)
	if err != nil {
		return nil, err
	}
	type text struct{ title, body string }
	seen := map[text]bool{}
	var out []PublicMatch
	for i, sub := range subs { // in the order of similar, and on its snapshot: all are there
		t := text{sub.PublicTitle, sub.PublicBody}
		if seen[t] || len(out) == publicShown || similar[i].Score < leastScore {
			continue
		}
		seen[t] = true
		sub = asPublished(sub)
		sub.Title, sub.Body = "", ""
		out = append(out, PublicMatch{Case: sub, Score: similar[i].Score, Terms: similar[i].Terms})
	}
	return out, nil
}

// publicTerms keeps the shared words that the public version has, too. Staff
// compare texts in full, and what was taken out of a public version must not be
// confirmed to somebody of another agency.
func publicTerms(terms []string, sub civic.Submission) []string {
	joined := func(text string) string { return " " + strings.Join(vitext.Words(text), " ") + " " }
	public := joined(sub.PublicTitle + "\n" + sub.PublicBody)
	return slices.DeleteFunc(slices.Clone(terms), func(term string) bool { return !strings.Contains(public, joined(term)) })
}
