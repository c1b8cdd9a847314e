package sqlstore

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"hienke/internal/errs"
	"hienke/migrations"
)

// sqliteDialect is SQLite through modernc.org/sqlite.
type sqliteDialect struct{}

var _ dialect = sqliteDialect{}

// sqlitePragmas hold for every connection. WAL lets readers and the writer not
// wait for each other; FULL syncs each commit, without which a power cut takes
// back what was acknowledged. busy_timeout, in milliseconds, is for other
// processes: a backup, a person with a shell. secure_delete overwrites what is
// deleted, destroyed keys above all.
var sqlitePragmas = []string{
	"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "secure_delete(ON)",
	"journal_size_limit(67108864)", // bytes; the log shrinks again after a burst
	"cache_size(-16000)",           // KiB per connection
	"temp_store(MEMORY)",
}

// openSQLite opens the file, making it if it is not there, readable by its
// owner alone.
func openSQLite(path string, o Options) (*Store, error) {
	if path == "" || strings.HasPrefix(path, ":") {
		return nil, errs.New(errs.Invalid, "database.no_path") // one in memory would be empty for readers
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names it
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, databaseUnavailable, err)
	}
	if err := f.Close(); err != nil {
		return nil, errs.Wrap(errs.Unavailable, databaseUnavailable, err)
	}
	write, err := sql.Open("sqlite", sqliteDSN(path, url.Values{"_txlock": {"immediate"}}))
	if err != nil {
		return nil, fmt.Errorf("open for writing: %w", err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", sqliteDSN(path, url.Values{"_query_only": {"true"}}))
	if err != nil {
		return nil, fmt.Errorf("open for reading: %w", err)
	}
	read.SetMaxOpenConns(o.MaxConns)
	read.SetMaxIdleConns(o.MaxConns)
	// The writer closes last: it takes the log into the file.
	return &Store{dialect: sqliteDialect{}, write: write, read: read, receive: write, closers: []*sql.DB{read, write}}, nil
}

// sqliteDSN makes the driver's name of the file. Time arguments are bound as
// microseconds; timeDest reads them back.
func sqliteDSN(path string, q url.Values) string {
	q["_pragma"] = sqlitePragmas
	q.Set("_time_integer_format", "unix_micro")
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) + "?" + q.Encode()
}

func (sqliteDialect) rebind(query string) string {
	return strings.ReplaceAll(query, "IN LIST(?)", "IN (SELECT value FROM json_each(?))")
}

func (sqliteDialect) set(list any) any {
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // lists of integers and strings always encode
	}
	return string(b)
}

// snapshot begins a deferred transaction: its first read fixes what it sees.
func (sqliteDialect) snapshot() *sql.TxOptions { return nil }

// retryable is false for everything: the only writer is alone from its first
// statement, and waiting for other processes is busy_timeout's.
func (sqliteDialect) retryable(error) bool { return false }

// forUpdate has nothing to add: IMMEDIATE has locked out every other writer.
func (sqliteDialect) forUpdate() string { return "" }

// skipLocked has nothing to add either: nobody else has locked anything.
func (sqliteDialect) skipLocked() string { return "" }

// firsts looks into the table once for each key. A window over all keys would
// read all their rows.
func (sqliteDialect) firsts(table, key, value string) string {
	return "SELECT wanted.value, COALESCE((SELECT group_concat(" + value + ") FROM (SELECT " + value + " FROM " + table +
		" WHERE " + key + " = wanted.value ORDER BY " + value + " LIMIT ?)), '') FROM json_each(?) AS wanted"
}

func (sqliteDialect) numbers(values []byte, each func(int64)) error { return eachNumber(values, each) }

func (sqliteDialect) committers() int { return 1 }

// sqliteMaxRows keeps the widest insert, 32 columns, well below the 32,766
// parameters of a statement.
const sqliteMaxRows = 256

func (sqliteDialect) insert(ins insert, rows [][]any) (query string, args []any, n int) {
	n = min(len(rows), sqliteMaxRows)
	for _, r := range rows[:n] {
		args = append(args, r...)
	}
	return ins.values(n), args, n
}

func (sqliteDialect) migrations() (goose.Dialect, fs.FS, []goose.ProviderOption, error) {
	return goose.DialectSQLite3, migrations.SQLite(), nil, nil
}

// classifySQLite gives a driver's error its kind, or nil if it is none.
func classifySQLite(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return nil
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return errs.Wrap(errs.Conflict, "row.exists", err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return errs.Wrap(errs.NotFound, "row.reference_missing", err)
	}
	switch e.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT:
		return errs.Wrap(errs.Unavailable, databaseUnavailable, err)
	}
	return errs.Wrap(errs.Internal, "database.refused", err)
}
