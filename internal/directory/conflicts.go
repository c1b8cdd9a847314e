package directory

import (
	"context"
	"fmt"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Conflicts says where what people changed and what is delivered do not go
// together, a sentence for each: the files changed an entry after people had,
// or an entry does not pass the check as it lies over the files now. What people
// wrote holds in each case.
func (s *Service) Conflicts(ctx context.Context) ([]string, error) {
	var newest []civic.EntryChange
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		newest, err = tx.Directory().Newest(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the changed lists: %w", err)
	}
	var entries []civic.Entry
	for _, c := range newest {
		if c.Entry.Code != "" {
			entries = append(entries, c.Entry)
		}
	}
	delivered, holding := newBook(s.Registry.Delivered()), newBook(s.Registry.Delivered().With(entries...))
	var out []string
	for _, c := range newest {
		if c.Entry.Code == "" {
			continue // the files hold
		}
		if files, _ := delivered.get(c.Kind, c.Code); !files.Equal(c.Delivered) && !files.Equal(c.Entry) {
			what := "takes it out"
			switch {
			case files.Code != "" && c.Delivered.Code == "":
				what = "has it now, too"
			case files.Code != "":
				what = "says otherwise since: " + strings.Join(Differences(c.Delivered, files), ", ")
			}
			out = append(out, fmt.Sprintf("%s %s was changed on its page, and the registry's file %s", c.Kind, c.Code, what))
		}
		e := c.Entry
		if err := check(holding, &e, s.Now()); err != nil {
			var fields []string
			for _, f := range errs.FieldsOf(err) {
				fields = append(fields, f.Name)
			}
			out = append(out, fmt.Sprintf("%s %s does not pass the check over the registry's files: %s", c.Kind, c.Code, strings.Join(fields, ", ")))
		}
		for _, heir := range e.Successors {
			if next, ok := holding.get(c.Kind, heir); !ok || !next.Valid.Holds(s.Now()) && len(next.Successors) == 0 {
				out = append(out, fmt.Sprintf("%s %s has the successor %s, which does not hold", c.Kind, c.Code, heir))
			}
		}
	}
	return out, nil
}
