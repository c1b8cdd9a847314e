package sqlstore

import (
	"context"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// isPublic is civic.Visibility.Public in SQL, as the partial index has it.
const isPublic = `visibility IN ('with_answer', 'open')`

// publicAt is the moment by which public submissions are ordered, as the index
// has it: of the answer, or of receipt while open.
const publicAt = `COALESCE(s.answered_at, s.received_at)`

// publicFrom joins the answer that the public may read: a draft, the answer of
// a case that was opened again, or one that was not published is not searched.
const publicFrom = ` FROM submissions s LEFT JOIN answers a ON a.submission_id = s.id
	AND a.id = (SELECT max(b.id) FROM answers b WHERE b.submission_id = s.id AND b.approved_at IS NOT NULL) AND s.state IN ('answered', 'closed') AND s.visibility = 'with_answer'`

// Public implements store.Submissions.
func (t submissions) Public(ctx context.Context, q store.PublicQuery) (store.PublicPage, error) {
	f := publicFilter(t.d, q)
	total, err := t.count(ctx, "SELECT count(*)"+publicFrom+" WHERE "+f.String(), f.args...)
	if err != nil {
		return store.PublicPage{}, err
	}
	order := " ORDER BY " + publicAt + " DESC, s.id DESC"
	if q.Oldest {
		order = " ORDER BY " + publicAt + ", s.id"
	}
	ids, err := list(ctx, t.tx, scanInt[civic.SubmissionID], "SELECT s.id"+publicFrom+" WHERE "+f.String()+order+" LIMIT ? OFFSET ?",
		append(f.args, q.PerPage, (q.Page-1)*q.PerPage)...)
	if err != nil {
		return store.PublicPage{}, err
	}
	items, err := t.List(ctx, ids)
	return store.PublicPage{Total: total, Items: items}, err
}

func publicFilter(d dialect, q store.PublicQuery) *filter {
	f := &filter{d: d}
	f.add("s." + isPublic)
	for _, w := range q.Words {
		addRows(f, []string{w})
	}
	for _, names := range q.Names {
		addRows(f, names)
	}
	f.oneOf("s.kind", texts(q.Kinds))
	f.oneOf("s.topic", texts(q.Topics))
	f.oneOf("s.agency", texts(q.Agencies))
	f.oneOf("s.area", texts(q.Areas))
	f.oneOf("s.state", texts(q.States))
	f.oneOf("a.outcome", texts(q.Outcomes))
	addYears(f, q.Years)
	if !q.From.IsZero() {
		f.add("s.answered_at >= ?", q.From)
	}
	if !q.Until.IsZero() {
		f.add("s.answered_at < ?", q.Until)
	}
	return f
}

// addRows adds that one of the texts occurs, its words in a row.
func addRows(f *filter, texts []string) {
	var rows []string
	var args []any
	for _, text := range texts {
		if folded := words(text); folded != "" { // without a letter or digit it is no word and occurs nowhere
			rows = append(rows, `s.public_words || COALESCE(a.text_words, '') LIKE ? ESCAPE '!'`)
			args = append(args, "%"+likeEscaper.Replace(folded)+"%")
		}
	}
	if len(rows) == 0 {
		f.add("1 = 0")
		return
	}
	f.add("("+strings.Join(rows, " OR ")+")", args...)
}

// addYears adds that the moment lies in one of the years.
func addYears(f *filter, years []int) {
	if len(years) == 0 {
		return
	}
	var spans []string
	var args []any
	for _, y := range years {
		spans = append(spans, "("+publicAt+" >= ? AND "+publicAt+" < ?)")
		args = append(args, yearStart(y), yearStart(y+1))
	}
	f.add("("+strings.Join(spans, " OR ")+")", args...)
}

func yearStart(year int) time.Time {
	return civic.Date{Year: year, Month: time.January, Day: 1}.Start()
}

// likeEscaper takes the meaning from LIKE's wildcards: what a person types is
// text. Folding leaves none today; this line does not depend on it.
var likeEscaper = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// Published implements store.Submissions.
func (t submissions) Published(ctx context.Context, offset int, after civic.SubmissionID, limit int) ([]store.Published, error) {
	scan := func(r row) (p store.Published, err error) {
		var received, answered, published time.Time
		err = r.Scan(&p.ID, &p.Code, timeDest{&received}, timeDest{&answered}, timeDest{&published})
		for _, at := range []time.Time{received, answered, published} {
			if at.After(p.ChangedAt) {
				p.ChangedAt = at
			}
		}
		return p, err
	}
	return list(ctx, t.tx, scan, `SELECT id, code, received_at, answered_at, published_at FROM submissions
		WHERE id > ? AND `+isPublic+` ORDER BY id LIMIT ? OFFSET ?`, int64(after), limit, offset)
}

// CountPublished implements store.Submissions.
func (t submissions) CountPublished(ctx context.Context) (int, error) {
	return t.count(ctx, `SELECT count(*) FROM submissions WHERE `+isPublic)
}
