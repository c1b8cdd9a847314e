package sqlstore

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"hienke/internal/errs"
	"hienke/migrations"
)

// postgresDialect is PostgreSQL through pgx's database/sql driver.
type postgresDialect struct{}

var _ dialect = postgresDialect{}

// postgresCommitters is how many batches are received at once. See
// BenchmarkReceive: a second one fills the time in which the first waits for
// the disk; more only share the same processors.
const postgresCommitters = 2

func openPostgres(dsn string, o Options) (*Store, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errs.New(errs.Invalid, "database.bad_url") // pgx's words may hold the password
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "hienke"
	}
	pool := func(conns int) *sql.DB {
		db := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(durable))
		db.SetMaxOpenConns(conns)
		db.SetMaxIdleConns(conns)
		return db
	}
	house, receive := pool(o.MaxConns), pool(postgresCommitters)
	return &Store{dialect: postgresDialect{}, write: house, read: house, receive: receive, closers: []*sql.DB{receive, house}}, nil
}

// durable turns a server's synchronous_commit = off back on for this
// connection: an acknowledged submission must survive a crash of the server.
func durable(ctx context.Context, conn *pgx.Conn) error {
	const query = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`
	if _, err := conn.Exec(ctx, query); err != nil {
		return fmt.Errorf("make commits durable: %w", err)
	}
	return nil
}

func (postgresDialect) rebind(query string) string {
	query = strings.ReplaceAll(query, "IN LIST(?)", "= ANY(?)")
	var b strings.Builder
	b.Grow(len(query) + 64)
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		query = after
	}
}

func (postgresDialect) set(list any) any { return list }

// snapshot needs REPEATABLE READ: the default looks anew with each statement.
func (postgresDialect) snapshot() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

func (postgresDialect) retryable(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "40001" || e.Code == "40P01") // serialization failure, deadlock
}

// forUpdate locks in the order of the sort, which lies below the locking in
// the plan, and returns each row as it is once its lock was waited for. NO KEY
// lets rows that only refer to a submission be written meanwhile.
func (postgresDialect) forUpdate() string { return " FOR NO KEY UPDATE" }

func (postgresDialect) skipLocked() string { return " FOR NO KEY UPDATE OF s SKIP LOCKED" }

// firsts sends each list as the server keeps it: to write six thousand numbers
// out and read them again takes longer than to find them.
func (postgresDialect) firsts(table, key, value string) string {
	return "SELECT wanted.key, array_send(ARRAY(SELECT " + value + " FROM " + table + " WHERE " + key + " = wanted.key ORDER BY " + value +
		" LIMIT ?)) FROM unnest(CAST(? AS bigint[])) AS wanted (key)"
}

// numbers reads a bigint[] in PostgreSQL's binary format: the number of
// dimensions, two more words, length and lowest index of the only dimension,
// then each element after its length of eight.
func (postgresDialect) numbers(values []byte, each func(int64)) error {
	const head, element = 20, 12
	if len(values) == 12 && binary.BigEndian.Uint32(values) == 0 {
		return nil // an empty array has no dimension
	}
	if len(values) < head || (len(values)-head)%element != 0 || binary.BigEndian.Uint32(values) != 1 {
		return errs.New(errs.Internal, "database.refused")
	}
	for v := values[head:]; len(v) > 0; v = v[element:] {
		each(int64(binary.BigEndian.Uint64(v[4:])))
	}
	return nil
}

func (postgresDialect) committers() int { return postgresCommitters }

// postgresTypes are the types for the letters of insert.types.
var postgresTypes = map[rune]string{
	'i': "bigint[]", 't': "text[]", 'b': "boolean[]", 'z': "timestamptz[]", 'x': "bytea[]", 'f': "float8[]", 'j': "jsonb[]",
}

// insert sends each column of several rows as an array: the statement is the
// same for any number of rows and stays prepared.
func (postgresDialect) insert(ins insert, rows [][]any) (query string, args []any, n int) {
	if len(rows) == 1 {
		return ins.values(1), rows[0], 1
	}
	var arrays []string
	for i, letter := range ins.types {
		arrays = append(arrays, "CAST(? AS "+postgresTypes[letter]+")")
		column := make([]any, len(rows))
		for j, r := range rows {
			column[j] = r[i]
		}
		args = append(args, column)
	}
	return ins.head() + "SELECT * FROM unnest(" + strings.Join(arrays, ", ") + ") " + ins.tail, args, len(rows)
}

// migrations guards with an advisory lock, asked for once a second for up to
// five minutes, so that processes that start together migrate once.
func (postgresDialect) migrations() (goose.Dialect, fs.FS, []goose.ProviderOption, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return "", nil, nil, fmt.Errorf("make the migration lock: %w", err)
	}
	return goose.DialectPostgres, migrations.Postgres(), []goose.ProviderOption{goose.WithSessionLocker(locker)}, nil
}

// classifyPostgres gives a driver's error its kind, or nil if it is none.
func classifyPostgres(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return classifyState(e.Code, err)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok || pgconn.SafeToRetry(err) {
		return errs.Wrap(errs.Unavailable, databaseUnavailable, err)
	}
	return nil
}

// classifyState maps an SQLSTATE.
func classifyState(state string, err error) error {
	switch state {
	case "23505": // unique_violation
		return errs.Wrap(errs.Conflict, "row.exists", err)
	case "23503": // foreign_key_violation
		return errs.Wrap(errs.NotFound, "row.reference_missing", err)
	case "22021", "22P05": // character_not_in_repertoire, untranslatable_character
		return errs.Wrap(errs.Invalid, textNotStorable, err)
	case "40001", "40P01", "55P03", "57014": // serialization, deadlock, lock_not_available, query_canceled
		return errs.Wrap(errs.Unavailable, databaseBusy, err)
	}
	switch state[:min(2, len(state))] {
	case "08", "28", "3D", "53", "57", "58": // connection, authorisation, no such database, resources, shutdown, disk
		return errs.Wrap(errs.Unavailable, databaseUnavailable, err)
	}
	return errs.Wrap(errs.Internal, "database.refused", err)
}
