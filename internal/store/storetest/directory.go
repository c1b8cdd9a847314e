package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var directoryTests = []test{
	{"a version of an entry comes back as it was written", testEntryVersions},
	{"what moved because of a version is known until it moved back", testEntryMoves},
	{"what else went to a successor is known with what became of it", testEntryEffects},
}

func testEntryVersions(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	e := civic.Entry{
		Kind: civic.AgencyEntry, Code: "moh", Parent: "gov", Names: civic.Names{civic.Vietnamese: "Bộ Y tế", civic.English: "Health"},
		Aliases: []string{"BYT"}, Text: civic.Names{civic.Vietnamese: "Khám bệnh."}, Email: "a@example.vn", Receives: true,
		Valid: civic.Period{From: noon}, Successors: []string{"most"}, Source: "x",
	}
	add := func(c civic.EntryChange) int64 {
		c.Kind, c.WrittenAt, c.WrittenBy = civic.AgencyEntry, noon, u.ID
		var id int64
		do(t, s, func(tx store.Tx) (err error) {
			if err := tx.Directory().Change(t.Context()); err != nil {
				return err
			}
			id, err = tx.Directory().Add(t.Context(), c)
			return err
		})
		return id
	}
	before := view(t, s, func(tx store.Tx) (int64, error) { return tx.Directory().Revision(t.Context()) })
	first := add(civic.EntryChange{Act: civic.EntryAdded, Code: "moh", Entry: e, Reason: "vì"})
	second := add(civic.EntryChange{Act: civic.EntryAdded, Code: "ip", Entry: e, Batch: first})
	third := add(civic.EntryChange{Act: civic.EntryUndone, Code: "moh", Before: e, Delivered: e, Undoes: first})
	equal(t, view(t, s, func(tx store.Tx) (int64, error) { return tx.Directory().Revision(t.Context()) }), before+3)
	got := view(t, s, func(tx store.Tx) (civic.EntryChange, error) { return tx.Directory().Get(t.Context(), first) })
	equal(t, got, civic.EntryChange{
		ID: first, Act: civic.EntryAdded, Kind: civic.AgencyEntry, Code: "moh", Entry: e, Reason: "vì", Together: 1, WrittenAt: noon, WrittenBy: u.ID, Writer: u.Name,
	})
	list := func(read func(store.Directory) ([]civic.EntryChange, error)) []int64 {
		var ids []int64
		for _, c := range view(t, s, func(tx store.Tx) ([]civic.EntryChange, error) { return read(tx.Directory()) }) {
			ids = append(ids, c.ID)
		}
		return ids
	}
	equal(t, list(func(d store.Directory) ([]civic.EntryChange, error) { return d.Newest(t.Context()) }), []int64{third, second})
	equal(t, list(func(d store.Directory) ([]civic.EntryChange, error) {
		return d.History(t.Context(), civic.AgencyEntry, "moh", 10)
	}), []int64{third, first})
	equal(t, list(func(d store.Directory) ([]civic.EntryChange, error) {
		return d.History(t.Context(), civic.AgencyEntry, "", 10)
	}), []int64{third, first})
	equal(t, list(func(d store.Directory) ([]civic.EntryChange, error) {
		return d.History(t.Context(), civic.TopicEntry, "", 10)
	}), nil)
	equal(t, list(func(d store.Directory) ([]civic.EntryChange, error) { return d.Batch(t.Context(), first) }), []int64{first, second})
}

func testEntryMoves(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	var change int64
	do(t, s, func(tx store.Tx) (err error) {
		change, err = tx.Directory().Add(t.Context(), civic.EntryChange{Act: civic.EntryMerged, Kind: civic.AgencyEntry, Code: "a", WrittenAt: noon.Add(time.Hour)})
		for _, id := range []civic.SubmissionID{ids[1], ids[0], ids[0]} {
			if err == nil {
				err = tx.Directory().Moved(t.Context(), change, id)
			}
		}
		return err
	})
	moves := func(limit int) []civic.SubmissionID {
		return view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
			return tx.Directory().Moves(t.Context(), change, limit)
		})
	}
	equal(t, moves(9), ids)
	equal(t, moves(1), ids[:1])
	do(t, s, func(tx store.Tx) error { return tx.Directory().Unmoved(t.Context(), change, ids[0]) })
	equal(t, moves(9), ids[1:])
	equal(t, view(t, s, func(tx store.Tx) (int, error) { return tx.Directory().CountMoves(t.Context(), change) }), 1)
}

func testEntryEffects(t *testing.T, s store.Store) {
	account := civic.Effect{Kind: civic.AccountEffect, Subject: 7, Label: "Lê Thị Hoa", Was: civic.RoleLead, Became: civic.RoleApprover, State: civic.EffectMoved}
	tag := civic.Effect{Kind: civic.TagEffect, Subject: 7, Label: "Đất đai", State: civic.EffectJoined}
	var change, other int64
	do(t, s, func(tx store.Tx) (err error) {
		for _, id := range []*int64{&change, &other} {
			if *id, err = tx.Directory().Add(t.Context(), civic.EntryChange{Act: civic.EntryMerged, Kind: civic.AgencyEntry, Code: "a", WrittenAt: noon}); err != nil {
				return err
			}
		}
		for _, e := range []civic.Effect{tag, account} {
			if err := tx.Directory().Effect(t.Context(), change, e); err != nil {
				return err
			}
		}
		return tx.Directory().Effect(t.Context(), other, tag)
	})
	account.State = civic.EffectBack
	do(t, s, func(tx store.Tx) error { return tx.Directory().Effect(t.Context(), change, account) })
	equal(t, view(t, s, func(tx store.Tx) ([]civic.Effect, error) { return tx.Directory().Effects(t.Context(), change) }), []civic.Effect{account, tag})
}
