package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var exportTests = []test{
	{"an export keeps what was asked and how far it is", testExportKept},
	{"a person's exports are listed, the newest first", testExportListed},
	{"an export changes only from where it stands", testExportMoves},
	{"pieces stay in order and apart by part", testExportPieces},
	{"what is over is found until its bytes are gone, and then forgotten", testExportStale},
}

// export stores one.
func export(t *testing.T, s store.Store, u civic.User) store.Export {
	t.Helper()
	e := store.Export{Ref: "REF", WrappedKey: []byte{0, 1, 255}, Export: civic.Export{
		User: u.ID, Role: u.Role, Agency: u.Agency, Query: "q=%C4%91%E1%BA%A5t&status=triage", Format: civic.ExportXLSX, Language: civic.Vietnamese,
		State: civic.ExportWaiting, RowsAll: 2345, AskedAt: noon,
	}}
	do(t, s, func(tx store.Tx) (err error) { e.ID, err = tx.Exports().Add(t.Context(), e); return err })
	return e
}

func getExport(t *testing.T, s store.Store, id int64) store.Export {
	t.Helper()
	return view(t, s, func(tx store.Tx) (store.Export, error) { return tx.Exports().Get(t.Context(), id) })
}

// updateExport moves an export on.
func updateExport(t *testing.T, s store.Store, e store.Export, from civic.ExportState) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.Exports().Update(t.Context(), e, from) })
}

func testExportKept(t *testing.T, s store.Store) {
	e := export(t, s, user(t, s, "export@example.vn"))
	equal(t, getExport(t, s, e.ID), e)
	missing(t, s, errs.NotFound, "export.not_found", func(tx store.Tx) (store.Export, error) { return tx.Exports().Get(t.Context(), e.ID+1) })
	e.State, e.Reason, e.RowsDone, e.RowsAll, e.Size, e.After = civic.ExportFailed, "file.store_away", 1000, 2346, 1<<40, 77
	e.BegunAt, e.EndedAt = noon.Add(time.Second), noon.Add(time.Minute)
	updateExport(t, s, e, civic.ExportWaiting)
	equal(t, getExport(t, s, e.ID), e)
}

func testExportListed(t *testing.T, s store.Store) {
	u, other := user(t, s, "export@example.vn"), user(t, s, "other@example.vn")
	first, second := export(t, s, u), export(t, s, u)
	export(t, s, other)
	list := func(before int64, limit int) []store.Export {
		return view(t, s, func(tx store.Tx) ([]store.Export, error) { return tx.Exports().List(t.Context(), u.ID, before, limit) })
	}
	equal(t, list(0, 5), []store.Export{second, first})
	equal(t, list(0, 1), []store.Export{second})
	equal(t, list(second.ID, 5), []store.Export{first})
	busy := func() int {
		return view(t, s, func(tx store.Tx) (int, error) { return tx.Exports().Busy(t.Context(), u.ID) })
	}
	equal(t, busy(), 2)
	first.State = civic.ExportRunning
	updateExport(t, s, first, civic.ExportWaiting)
	second.State = civic.ExportFailed
	updateExport(t, s, second, civic.ExportWaiting)
	equal(t, busy(), 1)
}

func testExportMoves(t *testing.T, s store.Store) {
	e := export(t, s, user(t, s, "export@example.vn"))
	was := e
	e.State = civic.ExportDone
	refused(t, s, errs.Conflict, "export.moved_on", func(tx store.Tx) error { return tx.Exports().Update(t.Context(), e, civic.ExportRunning) })
	equal(t, getExport(t, s, e.ID), was)
}

func testExportPieces(t *testing.T, s store.Store) {
	e := export(t, s, user(t, s, "export@example.vn"))
	first, second := store.Piece{Place: 0, Size: 5, Blob: "REF/A"}, store.Piece{Place: 5, Size: 1 << 33, Blob: "REF/B"}
	file := store.Piece{Place: 0, Size: 9, Blob: "REF/C"}
	do(t, s, func(tx store.Tx) error { return tx.Exports().AddPieces(t.Context(), e.ID, store.ExportRows, second) })
	do(t, s, func(tx store.Tx) error { return tx.Exports().AddPieces(t.Context(), e.ID, store.ExportRows, first) })
	do(t, s, func(tx store.Tx) error { return tx.Exports().AddPieces(t.Context(), e.ID, store.ExportFile, file) })
	do(t, s, func(tx store.Tx) error { return tx.Exports().AddPieces(t.Context(), e.ID, store.ExportFile) })
	of := func(part store.ExportPart) []store.Piece {
		return view(t, s, func(tx store.Tx) ([]store.Piece, error) { return tx.Exports().Pieces(t.Context(), e.ID, part) })
	}
	equal(t, of(store.ExportRows), []store.Piece{first, second})
	do(t, s, func(tx store.Tx) error { return tx.Exports().RemovePieces(t.Context(), e.ID, store.ExportRows) })
	equal(t, of(store.ExportRows), nil)
	equal(t, of(store.ExportFile), []store.Piece{file})
}

func testExportStale(t *testing.T, s store.Store) {
	u := user(t, s, "export@example.vn")
	ended := func(state civic.ExportState, at time.Time) store.Export {
		e := export(t, s, u)
		e.State, e.EndedAt = state, at
		updateExport(t, s, e, civic.ExportWaiting)
		return e
	}
	late, failed := ended(civic.ExportDone, noon.Add(time.Hour)), ended(civic.ExportFailed, noon.Add(time.Minute))
	ended(civic.ExportDone, noon.Add(2*time.Hour))
	export(t, s, u) // waits still
	stale := func(limit int) []store.Export {
		return view(t, s, func(tx store.Tx) ([]store.Export, error) {
			return tx.Exports().Stale(t.Context(), noon.Add(2*time.Hour), limit)
		})
	}
	equal(t, stale(5), []store.Export{failed, late})
	equal(t, stale(1), []store.Export{failed})

	prune := func(want int) {
		t.Helper()
		do(t, s, func(tx store.Tx) error {
			n, err := tx.Exports().Prune(t.Context(), noon.Add(2*time.Hour), 5)
			equal(t, n, want)
			return err
		})
	}
	late.State, late.WrappedKey = civic.ExportExpired, nil
	updateExport(t, s, late, civic.ExportDone)
	equal(t, stale(5), []store.Export{failed, late}) // the bytes are there yet
	prune(0)
	late.Ref = ""
	updateExport(t, s, late, civic.ExportExpired)
	equal(t, stale(5), []store.Export{failed})
	prune(1)
	missing(t, s, errs.NotFound, "export.not_found", func(tx store.Tx) (store.Export, error) { return tx.Exports().Get(t.Context(), late.ID) })
}
