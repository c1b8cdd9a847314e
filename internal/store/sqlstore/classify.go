package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"hienke/internal/errs"
)

// Codes of failures that are the database's, not the statement's.
const (
	databaseFailed      = "database.failed"      // nobody knows this error
	databaseUnavailable = "database.unavailable" // away, full, or out of connections
	databaseBusy        = "database.busy"        // others were in the way for too long
)

// textNotStorable is the code for text that PostgreSQL cannot hold.
const textNotStorable = "text.not_storable"

// classify gives an error of a driver its kind by the driver's codes, never by
// its words. What is classified already, a context's end and nil stay.
func classify(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*errs.Error](err); ok || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if e := classifySQLite(err); e != nil {
		return e
	}
	if e := classifyPostgres(err); e != nil {
		return e
	}
	if away(err) {
		return errs.Wrap(errs.Unavailable, databaseUnavailable, err)
	}
	return errs.Wrap(errs.Internal, databaseFailed, err)
}

// away reports whether the connection broke or was closed.
func away(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, target := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
