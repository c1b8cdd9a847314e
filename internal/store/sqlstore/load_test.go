package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/testkit/letters"
)

// loaded is a letter with the rows that matching keeps of it.
type loaded struct {
	id    int64
	title string
	body  string
	bands []int64
	print int64
	terms []matching.Term // none for a copy
}

// analysed makes letters 1 to n in order, as the service would have received
// and matched them one after the other, and returns the frequencies at the end.
// Analysing is spread over the processors; what depends on the letters before
// is not.
func analysed(b *testing.B, w *letters.Writer, n int, each func(loaded)) matching.Frequencies {
	b.Helper()
	type work struct {
		l     letters.Letter
		a     *matching.Analysis
		bands []int64
	}
	const ahead = 64
	freq, prints := matching.Frequencies{}, map[int64]bool{}
	lanes := make([]chan work, runtime.GOMAXPROCS(0))
	for i := range lanes {
		lanes[i] = make(chan work, ahead)
		go func() {
			defer close(lanes[i])
			for id := i + 1; id <= n; id += len(lanes) {
				l := w.Letter(id)
				d := matching.Document{ID: int64(id), Title: l.Title, Body: l.Body}
				lanes[i] <- work{l, matching.Analyze(d), matching.Sign(l.Title + "\n" + l.Body).Bands()}
			}
		}()
	}
	for id := 1; id <= n; id++ {
		done := <-lanes[(id-1)%len(lanes)]
		terms := done.a.Salient(freq)
		print := fingerprintOf(done.bands, terms)
		if prints[print] {
			terms = nil
		}
		prints[print] = true
		for _, t := range terms {
			if t.Counted {
				freq[t.Hash]++
			}
		}
		each(loaded{int64(id), done.l.Title, done.l.Body, done.bands, print, terms})
	}
	return freq
}

// loader fills a database that is not in use with what matching reads.
type loader interface {
	add(loaded) error
	finish(matching.Frequencies) error
}

// loadLetters fills the databases, all in one pass over the letters, and logs
// how long it took.
func loadLetters(b *testing.B, w *letters.Writer, n int, loaders ...loader) {
	b.Helper()
	began := time.Now()
	freq := analysed(b, w, n, func(l loaded) {
		for _, to := range loaders {
			if err := to.add(l); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, to := range loaders {
		if err := to.finish(freq); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("loaded %d letters in %s", n, time.Since(began).Round(time.Second))
}

// benchRow is a submission as the letters' sender left it.
func benchRow(l loaded) []any {
	sub := benchReceipt("L", l.id).Submission
	sub.ID, sub.Title, sub.Body = civic.SubmissionID(l.id), l.title, l.body
	return append([]any{l.id}, submissionFields(&sub)...)
}

var loadSubmissions = insert{table: "submissions", columns: append([]string{"id"}, submissionColumns...), types: "i" + submissionTypes}

// posted and banded are rows that a database wants sorted: a B-tree that is
// built in order takes minutes less than one that grows everywhere at once.
type posted struct{ term, place int64 }

type banded struct{ band, id int64 }

// sqliteLoader writes texts at once, and the rest in the order of its keys at
// the end. Nothing is synced: a crash spoils a benchmark only.
type sqliteLoader struct {
	ctx      context.Context
	db       *sql.DB
	texts    [][]any
	postings []posted
	bands    []banded
	prints   [][]any
}

func newSQLiteLoader(ctx context.Context, path string) (*sqliteLoader, error) {
	db, err := sql.Open("sqlite", sqliteDSN(path, url.Values{}))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	for _, pragma := range []string{"synchronous = OFF", "cache_size = -500000", "foreign_keys = OFF"} {
		if _, err := db.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			return nil, err
		}
	}
	return &sqliteLoader{ctx: ctx, db: db}, nil
}

func (x *sqliteLoader) add(l loaded) error {
	x.texts = append(x.texts, benchRow(l))
	x.prints = append(x.prints, []any{l.id, l.print})
	for _, band := range l.bands {
		x.bands = append(x.bands, banded{band, l.id})
	}
	for _, t := range l.terms {
		if t.Weight > 0 {
			x.postings = append(x.postings, posted{t.Hash, placeOf(l.id, t.Weight)})
		}
	}
	if len(x.texts) < 10_000 {
		return nil
	}
	return x.flushTexts()
}

func (x *sqliteLoader) flushTexts() error {
	rows := x.texts
	x.texts = nil
	return x.insert(loadSubmissions, len(rows), func(i int) []any { return rows[i] })
}

// insert writes n rows in transactions of a hundred thousand.
func (x *sqliteLoader) insert(ins insert, n int, row func(int) []any) error {
	const perCommit = 100_000
	for at := 0; at < n; at += perCommit {
		rows := make([][]any, 0, perCommit)
		for i := at; i < min(n, at+perCommit); i++ {
			rows = append(rows, row(i))
		}
		sqlTx, err := x.db.BeginTx(x.ctx, nil)
		if err != nil {
			return err
		}
		if err := (&tx{sql: sqlTx, d: sqliteDialect{}}).insertRows(x.ctx, ins, rows, nil); err != nil {
			return err
		}
		if err := sqlTx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

func (x *sqliteLoader) finish(freq matching.Frequencies) error {
	slices.SortFunc(x.postings, func(a, b posted) int {
		return cmp.Or(cmp.Compare(a.term, b.term), cmp.Compare(a.place, b.place))
	})
	slices.SortFunc(x.bands, func(a, b banded) int { return cmp.Or(cmp.Compare(a.band, b.band), cmp.Compare(a.id, b.id)) })
	terms := slices.Sorted(func(yield func(int64) bool) {
		for t := range freq {
			if !yield(t) {
				return
			}
		}
	})
	steps := []func() error{
		x.flushTexts,
		func() error {
			return x.insert(received.insertPostings(), len(x.postings), func(i int) []any { p := x.postings[i]; return []any{p.term, p.place} })
		},
		func() error {
			return x.insert(insertBands, len(x.bands), func(i int) []any { p := x.bands[i]; return []any{p.band, p.id} })
		},
		func() error {
			ins := insert{table: "signatures", columns: loadColumns["signatures"], types: "ii"}
			return x.insert(ins, len(x.prints), func(i int) []any { return x.prints[i] })
		},
		func() error {
			return x.insert(received.insertCounts(), len(terms), func(i int) []any { return []any{terms[i], freq[terms[i]]} })
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	x.postings, x.bands = nil, nil
	if _, err := x.db.ExecContext(x.ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return err
	}
	return x.db.Close()
}

// postgresLoader copies rows as they come, into tables whose indexes are made
// at the end.
type postgresLoader struct {
	ctx     context.Context
	db      *sql.DB
	conn    *sql.Conn
	rows    map[string][][]any
	indexes []string
}

// loadColumns are the tables that are filled by COPY, with their columns.
var loadColumns = map[string][]string{
	"submissions": loadSubmissions.columns,
	"postings":    received.insertPostings().columns,
	"bands":       insertBands.columns,
	"signatures":  {"submission_id", "fingerprint"},
	"frequencies": received.insertCounts().columns,
}

func newPostgresLoader(ctx context.Context, url string) (*postgresLoader, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	x := &postgresLoader{ctx: ctx, db: db, conn: conn, rows: map[string][][]any{}}
	// Without triggers: what refers to what is right by construction.
	for _, set := range []string{"synchronous_commit = off", "session_replication_role = replica", "maintenance_work_mem = '1GB'"} {
		if err := x.exec("SET " + set); err != nil {
			return nil, err
		}
	}
	return x, x.takeIndexes()
}

func (x *postgresLoader) exec(query string) error {
	if _, err := x.conn.ExecContext(x.ctx, query); err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}

// takeIndexes drops the indexes of the large tables and remembers how to make
// them again.
func (x *postgresLoader) takeIndexes() error {
	rows, err := x.conn.QueryContext(x.ctx, `SELECT i.indexname, i.indexdef, i.tablename, c.conname FROM pg_indexes i
		LEFT JOIN pg_constraint c ON c.conname = i.indexname AND c.contype IN ('p', 'u') WHERE i.tablename IN ('postings', 'bands')`)
	if err != nil {
		return err
	}
	defer rows.Close() // rows.Err tells
	var drop []string
	for rows.Next() {
		var name, def, table string
		var constraint sql.NullString
		if err := rows.Scan(&name, &def, &table, &constraint); err != nil {
			return err
		}
		if constraint.Valid {
			drop = append(drop, "ALTER TABLE "+table+" DROP CONSTRAINT "+name)
		} else {
			drop = append(drop, "DROP INDEX "+name)
		}
		x.indexes = append(x.indexes, def)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := rows.Close(); err != nil { // the connection is needed
		return err
	}
	for _, query := range drop {
		if err := x.exec(query); err != nil {
			return err
		}
	}
	return nil
}

func (x *postgresLoader) add(l loaded) error {
	x.rows["submissions"] = append(x.rows["submissions"], benchRow(l))
	x.rows["signatures"] = append(x.rows["signatures"], []any{l.id, l.print})
	for _, band := range l.bands {
		x.rows["bands"] = append(x.rows["bands"], []any{band, l.id})
	}
	for _, t := range l.terms {
		if t.Weight > 0 {
			x.rows["postings"] = append(x.rows["postings"], []any{t.Hash, placeOf(l.id, t.Weight)})
		}
	}
	if len(x.rows["submissions"]) < 5_000 {
		return nil
	}
	return x.flush()
}

func (x *postgresLoader) flush() error {
	for _, table := range []string{"submissions", "signatures", "bands", "postings", "frequencies"} {
		err := x.conn.Raw(func(driver any) error {
			_, err := driver.(*stdlib.Conn).Conn().CopyFrom(x.ctx, pgx.Identifier{table}, loadColumns[table], pgx.CopyFromRows(x.rows[table]))
			return err
		})
		if err != nil {
			return fmt.Errorf("copy into %s: %w", table, err)
		}
		x.rows[table] = nil
	}
	return nil
}

func (x *postgresLoader) finish(freq matching.Frequencies) error {
	for term, n := range freq {
		x.rows["frequencies"] = append(x.rows["frequencies"], []any{term, n})
	}
	if err := x.flush(); err != nil {
		return err
	}
	for _, query := range x.indexes {
		if err := x.exec(query); err != nil {
			return err
		}
	}
	if err := x.vacuum(); err != nil {
		return err
	}
	if err := x.conn.Close(); err != nil {
		return err
	}
	return x.db.Close()
}

// vacuum goes on until pages are known to be visible to everybody, as after a
// quiet minute in service. A snapshot that the server itself holds, to gather
// statistics, keeps a pass from knowing.
func (x *postgresLoader) vacuum() error {
	const passes = 20
	for range passes {
		if err := x.exec("VACUUM (ANALYZE)"); err != nil {
			return err
		}
		var unseen int
		err := x.conn.QueryRowContext(x.ctx, `SELECT count(*) FROM pg_class WHERE relname IN ('postings', 'bands', 'frequencies', 'submissions')
			AND relkind = 'r' AND relallvisible < relpages`).Scan(&unseen)
		if err != nil || unseen == 0 {
			return err
		}
		time.Sleep(time.Second)
	}
	return errors.New("pages stay invisible: a transaction is open")
}

// sizeOf returns the size of the database in MB.
func sizeOf(b *testing.B, s *Store) float64 {
	b.Helper()
	const mb = 1 << 20
	query := "SELECT pg_database_size(current_database())"
	if _, lite := s.dialect.(sqliteDialect); lite {
		query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
	}
	var size float64
	if err := s.read.QueryRowContext(b.Context(), query).Scan(&size); err != nil {
		b.Fatal(err)
	}
	return size / mb
}
