package sqlstore

import (
	"context"
	"database/sql"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
)

// dialect is what differs between the databases.
type dialect interface {
	// rebind writes a statement as the database wants it: ? and IN LIST(?).
	rebind(query string) string
	// set makes the argument for IN LIST(?) from []int64 or []string.
	set(list any) any
	// snapshot returns how a read-only transaction begins.
	snapshot() *sql.TxOptions
	// retryable reports whether the database ended a transaction for the sake
	// of another, so that the same may succeed if run again.
	retryable(err error) bool
	// forUpdate ends a SELECT of submissions so that it locks them against
	// changes until the transaction ends, in the order of the rows.
	forUpdate() string
	// skipLocked ends a SELECT of submissions s so that it locks them as
	// forUpdate does, and leaves out those that others have locked.
	skipLocked() string
	// firsts writes the query for the lowest values of each key in a table
	// whose primary key is (key, value). Its parameters are how many values, and
	// the keys as set makes them; it gives rows of a key and its values as
	// numbers reads them.
	firsts(table, key, value string) string
	// numbers calls each for the values of a row of firsts.
	numbers(values []byte, each func(int64)) error
	// committers is how many batches are received at once.
	committers() int
	// insert writes a multi-row INSERT of the first rows and returns how many
	// of them it takes.
	insert(ins insert, rows [][]any) (query string, args []any, n int)
	// migrations returns what goose needs.
	migrations() (goose.Dialect, fs.FS, []goose.ProviderOption, error)
}

// insert is a multi-row INSERT: its columns and what follows the rows.
type insert struct {
	table   string
	columns []string
	// types has a letter for each column: i integer, t text, b boolean, z time,
	// x bytes, f float, j JSON.
	types string
	tail  string // ON CONFLICT … RETURNING …
}

// head is the statement up to the rows.
func (ins insert) head() string {
	return "INSERT INTO " + ins.table + " (" + strings.Join(ins.columns, ", ") + ") "
}

// values is the statement with a parameter for each value of n rows.
func (ins insert) values(n int) string {
	tuple := "(?" + strings.Repeat(", ?", len(ins.columns)-1) + ")"
	return ins.head() + "VALUES " + tuple + strings.Repeat(", "+tuple, n-1) + " " + ins.tail
}

// returning is the insert with another tail.
func (ins insert) returning(tail string) insert {
	ins.tail = "RETURNING " + tail
	return ins
}

// insertRows inserts every row and calls each, if not nil, for what RETURNING
// gives, whose order the databases do not promise.
func (t *tx) insertRows(ctx context.Context, ins insert, rows [][]any, each func(row) error) error {
	for len(rows) > 0 {
		query, args, n := t.d.insert(ins, rows)
		if err := t.insertSome(ctx, query, args, each); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (t *tx) insertSome(ctx context.Context, query string, args []any, each func(row) error) error {
	if each == nil {
		_, err := t.exec(ctx, query, args...)
		return err
	}
	_, err := list(ctx, t, func(r row) (struct{}, error) { return struct{}{}, each(r) }, query, args...)
	return err
}

// insertRow inserts one row and returns its id.
func (t *tx) insertRow(ctx context.Context, ins insert, fields []any) (id int64, err error) {
	err = t.insertRows(ctx, ins.returning("id"), [][]any{fields}, func(r row) error { return r.Scan(&id) })
	return id, err
}
