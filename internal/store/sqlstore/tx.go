package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"hienke/internal/errs"
	"hienke/internal/store"
)

// tx is one transaction. The parts of store.Tx are thin types around it.
type tx struct {
	sql  *sql.Tx
	d    dialect
	view bool
}

type (
	submissions   struct{ *tx }
	events        struct{ *tx }
	contacts      struct{ *tx }
	outbox        struct{ *tx }
	matches       struct{ *tx }
	shelf         struct{ *tx }
	routes        struct{ *tx }
	models        struct{ *tx }
	trainings     struct{ *tx }
	rules         struct{ *tx }
	agencies      struct{ *tx }
	agencyNotices struct{ *tx }
	answers       struct{ *tx }
	commitments   struct{ *tx }
	saves         struct{ *tx }
	templates     struct{ *tx }
	inquiries     struct{ *tx }
	ratings       struct{ *tx }
	messages      struct{ *tx }
	users         struct{ *tx }
	sessions      struct{ *tx }
	drafts        struct{ *tx }
	attachments   struct{ *tx }
	proofs        struct{ *tx }
	following     struct{ *tx }
	indexQueue    struct{ *tx }
	leases        struct{ *tx }
	parts         struct{ *tx }
	figures       struct{ *tx }
	timetable     struct{ *tx }
	recounts      struct{ *tx }
	directory     struct{ *tx }
	prompts       struct{ *tx }
	staffMails    struct{ *tx }
	lateNotes     struct{ *tx }
	absences      struct{ *tx }
	opinions      struct{ *tx }
)

func (t *tx) Submissions() store.Submissions         { return submissions{t} }
func (t *tx) Events() store.Events                   { return events{t} }
func (t *tx) Contacts() store.Contacts               { return contacts{t} }
func (t *tx) Outbox() store.Outbox                   { return outbox{t} }
func (t *tx) Matches() store.Matches                 { return matches{t} }
func (t *tx) Shelf() store.Shelf                     { return shelf{t} }
func (t *tx) Routes() store.Routes                   { return routes{t} }
func (t *tx) Models() store.Models                   { return models{t} }
func (t *tx) Trainings() store.Trainings             { return trainings{t} }
func (t *tx) Rules() store.Rules                     { return rules{t} }
func (t *tx) Agencies() store.Agencies               { return agencies{t} }
func (t *tx) AgencyNotices() store.AgencyNotices     { return agencyNotices{t} }
func (t *tx) Answers() store.Answers                 { return answers{t} }
func (t *tx) Inquiries() store.Inquiries             { return inquiries{t} }
func (t *tx) Ratings() store.Ratings                 { return ratings{t} }
func (t *tx) Messages() store.Messages               { return messages{t} }
func (t *tx) Users() store.Users                     { return users{t} }
func (t *tx) Sessions() store.Sessions               { return sessions{t} }
func (t *tx) Drafts() store.Drafts                   { return drafts{t} }
func (t *tx) Following() store.Following             { return following{t} }
func (t *tx) Attachments() store.Attachments         { return attachments{t} }
func (t *tx) Proofs() store.Proofs                   { return proofs{t} }
func (t *tx) IndexQueue() store.IndexQueue           { return indexQueue{t} }
func (t *tx) Leases() store.Leases                   { return leases{t} }
func (t *tx) Parts() store.Parts                     { return parts{t} }
func (t *tx) Figures() store.Figures                 { return figures{t} }
func (t *tx) Timetable() store.Timetable             { return timetable{t} }
func (t *tx) Recounts() store.Recounts               { return recounts{t} }
func (t *tx) Directory() store.Directory             { return directory{t} }
func (t *tx) Prompts() store.Prompts                 { return prompts{t} }
func (t *tx) StaffMails() store.StaffMails           { return staffMails{t} }
func (t *tx) LateNotes() store.LateNotes             { return lateNotes{t} }
func (t *tx) Absences() store.Absences               { return absences{t} }
func (t *tx) QueueViews() store.QueueViews           { return queueViews{t} }
func (t *tx) Tags() store.Tags                       { return tags{t} }
func (t *tx) Claims() store.Claims                   { return claims{t} }
func (t *tx) BulkWorks() store.BulkWorks             { return bulkWorks{t} }
func (t *tx) Exports() store.Exports                 { return exports{t} }
func (t *tx) Commitments() store.Commitments         { return commitments{t} }
func (t *tx) AnswerSaves() store.AnswerSaves         { return saves{t} }
func (t *tx) Opinions() store.Opinions               { return opinions{t} }
func (t *tx) AnswerTemplates() store.AnswerTemplates { return templates{t} }

// row is what a scan function reads: *sql.Row or *sql.Rows.
type row interface{ Scan(dest ...any) error }

// exec runs a statement and returns how many rows it touched.
func (t *tx) exec(ctx context.Context, query string, args ...any) (int, error) {
	if err := checkText(args); err != nil {
		return 0, err
	}
	res, err := t.sql.ExecContext(ctx, t.d.rebind(query), args...)
	if err != nil {
		return 0, classify(err)
	}
	n, err := res.RowsAffected()
	return int(n), classify(err)
}

// must runs a statement that touches at least one row, or is NotFound with the
// code missing.
func (t *tx) must(ctx context.Context, missing, query string, args ...any) error {
	n, err := t.exec(ctx, query, args...)
	if err == nil && n == 0 {
		return errs.New(errs.NotFound, missing)
	}
	return err
}

// scan reads one row into dest. No row is sql.ErrNoRows, unclassified.
func (t *tx) scan(ctx context.Context, dest []any, query string, args ...any) error {
	if err := checkText(args); err != nil {
		return err
	}
	err := t.sql.QueryRowContext(ctx, t.d.rebind(query), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return classify(err)
}

// get reads one row, or is NotFound with the code missing.
func get[T any](ctx context.Context, t *tx, missing string, scan func(row) (T, error), query string, args ...any) (T, error) {
	if err := checkText(args); err != nil {
		var none T
		return none, err
	}
	v, err := scan(t.sql.QueryRowContext(ctx, t.d.rebind(query), args...))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return v, errs.New(errs.NotFound, missing)
	case err != nil:
		return v, classify(err)
	}
	return v, nil
}

// list reads every row. No row gives nil.
func list[T any](ctx context.Context, t *tx, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	if err := checkText(args); err != nil {
		return nil, err
	}
	rows, err := t.sql.QueryContext(ctx, t.d.rebind(query), args...)
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close() // rows.Err tells
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, classify(err)
		}
		out = append(out, v)
	}
	return out, classify(rows.Err())
}

// count reads one number.
func (t *tx) count(ctx context.Context, query string, args ...any) (int, error) {
	var n int
	return n, t.scan(ctx, []any{&n}, query, args...)
}

// scanInt reads a row of one integer, an id for instance.
func scanInt[T ~int64](r row) (T, error) {
	var v T
	return v, r.Scan(&v)
}
