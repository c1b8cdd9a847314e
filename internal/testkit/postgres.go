package testkit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
)

// Migrate brings the empty database behind dsn to the shape that a test wants.
// It must close every connection that it opens: PostgreSQL does not copy a
// database that somebody is connected to.
type Migrate func(ctx context.Context, dsn string) error

// databasePrefix begins the name of every database made here, followed by the
// owner's token, so that what a killed run left behind can be told and removed.
const databasePrefix = "hienke_test_"

// adminTimeout bounds one administrative statement. Copying the template takes
// some 50 ms; a busy two-core machine has needed 2 s.
const adminTimeout = 60 * time.Second

// Postgres returns the postgres:// URL of a fresh database that only this test
// has. It is a copy of a template which migrate fills once per test binary, and
// is dropped when the test ends.
//
// The server is the one that HIENKE_TEST_POSTGRES names; several packages may
// use it at once. Two migrate functions have two templates; closures made by the
// same function literal count as the same function.
func Postgres(t testing.TB, migrate Migrate) string {
	t.Helper()
	server := os.Getenv(EnvPostgres)
	if server == "" {
		absent(t, "PostgreSQL", ".ci/services.sh go test ./...    (or set "+EnvPostgres+"=postgres://USER:PASSWORD@127.0.0.1:5432/postgres)")
	}
	cluster, err := clusterAt(server)
	if err != nil {
		t.Fatalf("PostgreSQL at %s: %v", EnvPostgres, err)
	}
	template, err := cluster.template(migrate)
	if err != nil {
		t.Fatalf("PostgreSQL template: %v", err)
	}
	name := cluster.newName()
	if err := cluster.exec("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		// FORCE ends what a test left open; an open pool must not turn into
		// a database that nobody removes.
		if err := cluster.exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return cluster.dsn(name)
}

// cluster is the server as one test binary sees it.
type cluster struct {
	server url.URL
	admin  *sql.DB
	life   *sql.Conn // see signOfLife; kept, or the garbage collector closes it
	token  string    // part of the name of every database of this process
	count  atomic.Int64

	mu        sync.Mutex
	templates map[uintptr]*template // by the code of the migrate function
}

// template is a database to copy, made by the first test that asks.
type template struct {
	once sync.Once
	name string
	err  error
}

// clusterAt connects to the server once per test binary. The address cannot
// change while the binary runs, so the first answer stays.
var clusterAt = func() func(server string) (*cluster, error) {
	var once sync.Once
	var c *cluster
	var err error
	return func(server string) (*cluster, error) {
		once.Do(func() { c, err = newCluster(server) })
		return c, err
	}
}()

// newCluster connects, shows this process as alive and removes what dead
// processes left.
func newCluster(server string) (*cluster, error) {
	u, err := url.Parse(server)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, errors.New("want a postgres:// URL") // not quoted: it may hold a password
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	// CREATE DATABASE is disk work; more than a few at once only wait for
	// each other. One more connection is held by the sign of life.
	admin.SetMaxOpenConns(4)
	c := &cluster{server: *u, admin: admin, token: token(), templates: map[uintptr]*template{}}
	if err := c.signOfLife(); err != nil {
		return nil, err
	}
	return c, c.sweep()
}

// signOfLife holds one connection whose application name is the prefix of this
// process's databases. The server shows it to everybody for exactly as long as
// the process lives, however it ends.
func (c *cluster) signOfLife() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	if c.life, err = c.admin.Conn(ctx); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if _, err := c.life.ExecContext(ctx, "SELECT set_config('application_name', $1, false)", databasePrefix+c.token); err != nil {
		return fmt.Errorf("set application name: %w", err)
	}
	return nil
}

// sweep drops the databases whose process shows no sign of life. A token is
// never used again, so what is dead once stays dead.
func (c *cluster) sweep() error {
	names, err := c.orphans()
	if err != nil {
		return fmt.Errorf("list databases: %w", err)
	}
	for _, name := range names {
		// IF EXISTS: another process may sweep at the same moment.
		if err := c.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			return fmt.Errorf("drop %s: %w", name, err)
		}
	}
	return nil
}

// orphans lists the databases made by this package in processes that have ended.
func (c *cluster) orphans() (names []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	rows, err := c.admin.QueryContext(ctx, `
		SELECT d.datname FROM pg_database d
		WHERE starts_with(d.datname, $1) AND NOT EXISTS (
			SELECT FROM pg_stat_activity a
			WHERE a.application_name = $1 || split_part(substr(d.datname, length($1) + 1), '_', 1))`, databasePrefix)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// template returns the name of the database that migrate filled, making it
// first if this is the first call for migrate.
func (c *cluster) template(migrate Migrate) (string, error) {
	key := reflect.ValueOf(migrate).Pointer()
	c.mu.Lock()
	tpl, ok := c.templates[key]
	if !ok {
		tpl = &template{name: c.newName()}
		c.templates[key] = tpl
	}
	c.mu.Unlock()
	tpl.once.Do(func() { tpl.err = c.fill(tpl.name, migrate) })
	return tpl.name, tpl.err
}

// fill creates the template and closes it for connections, so that no test can
// change what the others copy.
func (c *cluster) fill(name string, migrate Migrate) error {
	if err := c.exec("CREATE DATABASE " + name); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	if err := migrate(ctx, c.dsn(name)); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return c.exec("ALTER DATABASE " + name + " WITH ALLOW_CONNECTIONS false")
}

// exec runs one administrative statement. The names in it are made here from
// letters and digits, so none needs quoting.
func (c *cluster) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	_, err := c.admin.ExecContext(ctx, statement)
	return err
}

// newName returns a database name that no other call in any process returns.
func (c *cluster) newName() string {
	return fmt.Sprintf("%s%s_%d", databasePrefix, c.token, c.count.Add(1))
}

// dsn returns the server's URL with the database replaced.
func (c *cluster) dsn(database string) string {
	u := c.server
	u.Path = "/" + database
	return u.String()
}
