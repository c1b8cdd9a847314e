package exports_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"gocloud.dev/blob/memblob"

	"hienke/frontend"
	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/exports"
	"hienke/internal/i18n"
	"hienke/internal/presence/mempresence"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
	"hienke/internal/web"
	"hienke/internal/worklist"
)

// desk is the making of exports in a house, with a coordinator who asks.
type desk struct {
	*house.House
	s     *exports.Service
	files *attachments.Service
	who   civic.Actor
}

func newDesk(t *testing.T, h *house.House) *desk {
	t.Helper()
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() {
		if err := bucket.Close(); err != nil {
			t.Error(err)
		}
	})
	texts, err := i18n.Load(frontend.Locales())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{House: h, who: h.Staff(t, civic.RoleCoordinator, "")}
	d.files = &attachments.Service{Store: h.Store, Keys: h.Keys, Bucket: bucket, Now: h.Clock.Now, NewRef: rand.Text}
	d.s = &exports.Service{
		Store: h.Store, Keys: h.Keys, Blobs: d.files, Now: h.Clock.Now, NewRef: rand.Text,
		Source: &web.QueueFile{
			Triage:   &triage.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Now: h.Clock.Now, Random: h.Random},
			Worklist: &worklist.Service{Store: h.Store, Registry: h.Registry, Now: h.Clock.Now, Presence: mempresence.New(h.Clock.Now)},
			Registry: h.Registry, Now: h.Clock.Now, Catalogue: func() *i18n.Catalogue { return texts },
		},
	}
	return d
}

func on(t *testing.T, run func(t *testing.T, d *desk)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) { run(t, newDesk(t, h)) })
}

// cases stores n open cases and returns their codes in the order of receipt.
func (d *desk) cases(t *testing.T, n int) (codes []string) {
	t.Helper()
	sub := d.ReceiveFrom(t, civic.Contact{}, func(s *civic.Submission) { s.Title = `=HYPERLINK("http://x";"Bấm")` })
	codes = append(codes, sub.Code.String())
	d.Do(t, func(tx store.Tx) (err error) { // the others in one go
		for range n - 1 {
			sub.ID = 0
			if sub.Code, err = civic.NewCode(d.Random); err != nil {
				return err
			}
			received := civic.Event{At: sub.ReceivedAt, Type: civic.EventReceived, Actor: civic.ActorSender, From: civic.Received, To: civic.Received}
			if _, err = tx.Submissions().Add(t.Context(), store.Receipt{Submission: sub, Events: []civic.Event{received}}); err != nil {
				return err
			}
			codes = append(codes, sub.Code.String())
		}
		return nil
	})
	return codes
}

func (d *desk) ask(t *testing.T, format civic.ExportFormat) int64 {
	t.Helper()
	id, err := d.s.Ask(t.Context(), d.who, "", format, civic.Vietnamese)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// drain does what the queue would.
func (d *desk) drain(t *testing.T) {
	t.Helper()
	for {
		waiting := d.Jobs(t, store.JobExport)
		if len(waiting) == 0 {
			return
		}
		for _, j := range waiting {
			if err := d.s.Work(t.Context(), j.ID, j.Subject); err != nil {
				t.Fatalf("work: %v", err)
			}
		}
	}
}

func (d *desk) show(t *testing.T, id int64) civic.Export {
	t.Helper()
	e, err := d.s.Show(t.Context(), d.who, id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// download returns the file.
func (d *desk) download(t *testing.T, id int64) []byte {
	t.Helper()
	f, err := d.s.Open(t.Context(), d.who, id)
	if err != nil {
		t.Fatal(err)
	}
	var to bytes.Buffer
	if err := f.Send(t.Context(), &to); err != nil {
		t.Fatal(err)
	}
	if int64(to.Len()) != f.Size {
		t.Errorf("%d bytes were sent of %d", to.Len(), f.Size)
	}
	return to.Bytes()
}

// blobs returns the keys of what lies in the store.
func (d *desk) blobs(t *testing.T) (keys []string) {
	t.Helper()
	for it := d.files.Bucket.List(nil); ; {
		o, err := it.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return keys
		}
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, o.Key)
	}
}

func wantCode(t *testing.T, what string, err error, kind errs.Kind, code string) {
	t.Helper()
	if err == nil || errs.KindOf(err) != kind || errs.CodeOf(err) != code {
		t.Errorf("%s: %v, want %v %s", what, err, kind, code)
	}
}

// deadly is a blob store under which the process dies after some writes.
type deadly struct {
	exports.Blobs
	left int
	die  func()
}

func (d *deadly) Write(ctx context.Context, key string, sealed []byte) error {
	err := d.Blobs.Write(ctx, key, sealed)
	if d.left--; d.left == 0 {
		d.die()
	}
	return err
}

func TestAKilledWorkerGoesOn(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		codes := d.cases(t, 1200)
		id := d.ask(t, civic.ExportCSV)
		kill := func(after int) { // the worker dies behind the write, before it is noted
			t.Helper()
			ctx, die := context.WithCancel(t.Context())
			dying := *d.s
			dying.Blobs = &deadly{d.files, after, die}
			for ctx.Err() == nil {
				j := d.Jobs(t, store.JobExport)
				if len(j) != 1 {
					t.Fatalf("%d jobs wait", len(j))
				}
				if err := dying.Work(ctx, j[0].ID, id); (err != nil) != (ctx.Err() != nil) {
					t.Fatalf("work: %v", err)
				}
			}
		}
		kill(2) // in the second batch
		if e := d.show(t, id); e.State != civic.ExportRunning || e.RowsDone != 1000 || e.RowsAll != 1200 {
			t.Errorf("after the first death: %+v", e)
		}
		kill(2) // the second batch anew, and in the file
		if e := d.show(t, id); e.State != civic.ExportRunning || e.RowsDone != 1200 {
			t.Errorf("after the second death: %+v", e)
		}
		d.drain(t)
		if e := d.show(t, id); e.State != civic.ExportDone || e.RowsDone != 1200 || e.RowsAll != 1200 {
			t.Errorf("at the end: %+v", e)
		}
		text := d.download(t, id)
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows[1:] {
			got = append(got, r[0])
		}
		if !slices.Equal(got, codes) {
			t.Errorf("%d cases, want each of %d once and in order", len(got), len(codes))
		}
		if rows[0][0] != "Mã hồ sơ" || !strings.HasPrefix(rows[1][2], "'=HYPERLINK") {
			t.Errorf("the file begins with %q", rows[:2])
		}
		keys := d.blobs(t)
		if len(keys) != 1 {
			t.Errorf("%d blobs lie in the store, want the file alone", len(keys))
		}
		sealed, err := d.files.Bucket.ReadAll(t.Context(), keys[0])
		if err != nil || bytes.Contains(sealed, []byte(codes[0])) {
			t.Errorf("the file lies there open: %v", err)
		}
	})
}

// twin is a blob store during whose writes another worker does the same job.
type twin struct {
	exports.Blobs
	first func()
}

func (w *twin) Write(ctx context.Context, key string, sealed []byte) error {
	w.first()
	return w.Blobs.Write(ctx, key, sealed)
}

func TestAJobThatRunsTwiceActsOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		const n = 1001
		d.cases(t, n)
		id := d.ask(t, civic.ExportXLSX)
		for range 3 { // two batches, and the file
			j := d.Jobs(t, store.JobExport)[0]
			work := func(s *exports.Service) {
				t.Helper()
				if err := s.Work(t.Context(), j.ID, id); err != nil {
					t.Fatal(err)
				}
			}
			second := *d.s
			second.Blobs = &twin{d.files, func() { work(d.s) }}
			work(&second)
		}
		if e := d.show(t, id); e.State != civic.ExportDone || e.RowsDone != n || len(d.Jobs(t, store.JobExport)) != 0 {
			t.Errorf("the export is %+v", e)
		}
		book, err := excelize.OpenReader(bytes.NewReader(d.download(t, id)))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows(book.GetSheetName(0))
		if err != nil || len(rows) != n+1 || !strings.HasPrefix(rows[1][2], "'=HYPERLINK") {
			t.Errorf("the workbook has %d lines: %v", len(rows), err)
		}
		if k := len(d.blobs(t)); k != 1 {
			t.Errorf("%d blobs lie in the store", k)
		}
	})
}

func TestOnlyWhoAskedDownloadsWithTheRightsOfThen(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		d.cases(t, 1)
		other := d.Staff(t, civic.RoleCoordinator, "")
		id := d.ask(t, civic.ExportCSV)
		_, err := d.s.Open(t.Context(), d.who, id)
		wantCode(t, "before it is done", err, errs.Conflict, "export.not_done")
		d.drain(t)
		_, err = d.s.Open(t.Context(), other, id)
		wantCode(t, "another's download", err, errs.NotFound, "export.not_found")
		_, err = d.s.Show(t.Context(), other, id)
		wantCode(t, "another's page", err, errs.NotFound, "export.not_found")
		list, _, err := d.s.List(t.Context(), other, 0)
		if err != nil || len(list) != 0 {
			t.Errorf("another's list: %v, %v", list, err)
		}
		moved := d.who
		moved.Role, moved.Agency = civic.RoleOfficer, house.Science
		_, err = d.s.Open(t.Context(), moved, id)
		wantCode(t, "after a change of role", err, errs.Forbidden, "export.rights_changed")
		unproven := d.who
		unproven.Unproven = true
		_, err = d.s.Open(t.Context(), unproven, id)
		wantCode(t, "without the second factor", err, errs.Forbidden, "actor.not_allowed")
		d.download(t, id)
	})
}

func TestWhoeverLostTheRightsGetsNoFile(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		d.cases(t, 1)
		id := d.ask(t, civic.ExportCSV)
		d.Do(t, func(tx store.Tx) error {
			u, err := tx.Users().Get(t.Context(), d.who.User)
			if err != nil {
				return err
			}
			u.Role, u.Agency = civic.RoleOfficer, house.Science
			return tx.Users().Update(t.Context(), u)
		})
		d.drain(t)
		if e := d.show(t, id); e.State != civic.ExportFailed || e.Reason != "export.rights_changed" || e.RowsDone != 0 {
			t.Errorf("the export is %+v", e)
		}
		if n := len(d.blobs(t)); n != 0 {
			t.Errorf("%d blobs were written", n)
		}
	})
}

func TestAFailureIsToldAndGoesOn(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		d.cases(t, 2)
		id := d.ask(t, civic.ExportCSV)
		j := d.Jobs(t, store.JobExport)[0]
		if err := d.s.Work(t.Context(), j.ID, id); err != nil { // the cases are read
			t.Fatal(err)
		}
		well, away := d.files.Bucket, memblob.OpenBucket(nil)
		if err := away.Close(); err != nil { // answers every call with an error
			t.Fatal(err)
		}
		d.files.Bucket = away
		j = d.Jobs(t, store.JobExport)[0]
		for range 3 { // each time the queue gives up, and the job rests
			wantCode(t, "work", d.s.Work(t.Context(), j.ID, id), errs.Unavailable, "file.store_away")
			d.Do(t, func(tx store.Tx) error { return tx.Outbox().Fail(t.Context(), j.ID, "file.store_away", d.Clock.Now()) })
		}
		if err := d.s.Work(t.Context(), j.ID, id); err != nil {
			t.Fatal(err)
		}
		if e := d.show(t, id); e.State != civic.ExportFailed || e.Reason != "file.store_away" || e.RowsDone != 2 || len(d.Jobs(t, store.JobExport)) != 0 {
			t.Errorf("the export is %+v", e)
		}
		d.files.Bucket = well
		wantCode(t, "another's retry", d.s.Retry(t.Context(), d.Staff(t, civic.RoleCoordinator, ""), id), errs.NotFound, "export.not_found")
		if err := d.s.Retry(t.Context(), d.who, id); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "a second retry", d.s.Retry(t.Context(), d.who, id), errs.Conflict, "export.moved_on")
		d.drain(t)
		if n := bytes.Count(d.download(t, id), []byte("\n")); n != 3 {
			t.Errorf("%d lines, want the head and two cases", n)
		}
	})
}

func TestAFileIsErasedADayLater(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		d.cases(t, 1)
		id := d.ask(t, civic.ExportCSV)
		d.drain(t)
		sweep := func() {
			t.Helper()
			if _, err := d.s.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		d.Clock.Advance(exports.Kept - time.Second)
		sweep()
		d.download(t, id)
		d.Clock.Advance(time.Second)
		_, err := d.s.Open(t.Context(), d.who, id)
		wantCode(t, "before the sweep", err, errs.Gone, "export.expired")
		d.Clock.Advance(time.Second)
		well, away := d.files.Bucket, memblob.OpenBucket(&memblob.Options{})
		if err := away.Close(); err != nil {
			t.Fatal(err)
		}
		d.files.Bucket = away
		_, err = d.s.Sweep(t.Context())
		wantCode(t, "the sweep without its store", err, errs.Unavailable, "file.store_away")
		d.files.Bucket = well
		sweep()
		if n := len(d.blobs(t)); n != 0 {
			t.Errorf("%d blobs outlived the file", n)
		}
		if e := d.show(t, id); e.State != civic.ExportExpired {
			t.Errorf("the export is %s", e.State)
		}
		_, err = d.s.Open(t.Context(), d.who, id)
		wantCode(t, "after the sweep", err, errs.Gone, "export.expired")
		d.Clock.Advance(31 * 24 * time.Hour)
		sweep()
		_, err = d.s.Show(t.Context(), d.who, id)
		wantCode(t, "a month later", err, errs.NotFound, "export.not_found")
	})
}

func TestThreeAtATime(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		d.cases(t, 1)
		for range 3 {
			d.ask(t, civic.ExportCSV)
		}
		_, err := d.s.Ask(t.Context(), d.who, "", civic.ExportCSV, civic.Vietnamese)
		wantCode(t, "a fourth", err, errs.Conflict, "export.too_many")
		d.drain(t)
		d.ask(t, civic.ExportCSV)
	})
}
