package finding_test

import (
	"context"
	"slices"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/finding"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// staged is an index whose rebuild calls during with each batch.
type staged struct {
	search.Index
	during func()
	fails  error // of Commit
}

type stagedRebuild struct {
	search.Rebuild
	from *staged
}

func (s *staged) Rebuild(ctx context.Context) (search.Rebuild, error) {
	r, err := s.Index.Rebuild(ctx)
	if err != nil {
		return nil, err
	}
	return &stagedRebuild{r, s}, nil
}

func (r *stagedRebuild) Apply(ctx context.Context, changes []search.Change) error {
	if during := r.from.during; during != nil {
		r.from.during = nil
		during()
	}
	return r.Rebuild.Apply(ctx, changes)
}

func (r *stagedRebuild) Commit(ctx context.Context) error {
	if r.from.fails != nil {
		return r.from.fails
	}
	return r.Rebuild.Commit(ctx)
}

func TestRebuildMakesTheIndexAnewFromTheStore(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	private, public := f.Receive(t, nil), f.publish(t, "Trạm sạc xe điện")
	foreign := search.Document{Code: "222222222222", Title: "Không có trong kho", ReceivedAt: house.Morning}
	for _, name := range store.IndexNames {
		if err := f.index(name).Apply(t.Context(), []search.Change{search.Put(foreign)}); err != nil {
			t.Fatal(err)
		}
	}
	var steps [][2]int
	n, err := f.s.Rebuild(t.Context(), store.IndexStaff, func(done, total int) { steps = append(steps, [2]int{done, total}) })
	if err != nil || n != 2 {
		t.Errorf("rebuilt %d, %v", n, err)
	}
	if !slices.Equal(steps, [][2]int{{2, 2}}) {
		t.Errorf("progress %v", steps)
	}
	if n, err := f.s.Rebuild(t.Context(), store.IndexPublic, nil); err != nil || n != 1 {
		t.Errorf("rebuilt %d, %v", n, err)
	}
	if got := f.found(t, store.IndexPublic, ""); !slices.Equal(got, []civic.Code{public.Code}) {
		t.Errorf("the public finds %v", got)
	}
	got := f.found(t, store.IndexStaff, "")
	if len(got) != 2 || !slices.Contains(got, private.Code) || !slices.Contains(got, public.Code) {
		t.Errorf("staff find %v", got)
	}
}

func TestWhatChangesDuringARebuildIsInTheNewIndex(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	kept, hidden := f.publish(t, "Trạm sạc một"), f.publish(t, "Trạm sạc hai")
	f.drain(t, store.IndexPublic)
	index := &staged{Index: f.s.Public}
	f.s.Public = index
	var fresh civic.Submission
	index.during = func() { // after the walk read both
		f.Change(t, hidden.Code, func(sub *civic.Submission) { sub.Visibility = civic.TakenDown })
		fresh = f.publish(t, "Trạm sạc ba")
	}
	if _, err := f.s.Rebuild(t.Context(), store.IndexPublic, nil); err != nil {
		t.Fatal(err)
	}
	got := f.found(t, store.IndexPublic, "")
	if slices.Contains(got, hidden.Code) || !slices.Contains(got, kept.Code) || !slices.Contains(got, fresh.Code) {
		t.Errorf("right after the swap the public finds %v", got)
	}
}

// A server that rebuilds on command goes on draining meanwhile.
func TestADrainOfTheSameProcessTakesNothingFromARebuild(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	sub := f.publish(t, "Trạm sạc một")
	f.drain(t, store.IndexPublic)
	index := &staged{Index: f.s.Public}
	f.s.Public = index
	index.during = func() {
		f.Change(t, sub.Code, func(sub *civic.Submission) { sub.Visibility = civic.TakenDown })
		if _, err := f.s.Drain(t.Context(), store.IndexPublic); err != nil {
			t.Errorf("drain: %v", err)
		}
		if _, err := f.s.Rebuild(t.Context(), store.IndexPublic, nil); errs.CodeOf(err) != "index.busy" {
			t.Errorf("a second rebuild: %v", err)
		}
	}
	if _, err := f.s.Rebuild(t.Context(), store.IndexPublic, nil); err != nil {
		t.Fatal(err)
	}
	f.drain(t, store.IndexPublic)
	if got := f.found(t, store.IndexPublic, ""); len(got) != 0 {
		t.Errorf("what was taken down is found again: %v", got)
	}
}

func TestAFailedRebuildLeavesTheOldIndexAndTheLease(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	sub := f.publish(t, "Trạm sạc một")
	f.drain(t, store.IndexPublic)
	index := &staged{Index: f.s.Public, fails: errAway}
	f.s.Public = index
	if _, err := f.s.Rebuild(t.Context(), store.IndexPublic, nil); errs.KindOf(err) != errs.Unavailable {
		t.Fatalf("rebuild: %v", err)
	}
	if got := f.found(t, store.IndexPublic, ""); !slices.Equal(got, []civic.Code{sub.Code}) {
		t.Errorf("the old index finds %v", got)
	}
	index.fails = nil
	if _, err := f.s.Rebuild(t.Context(), store.IndexPublic, nil); err != nil {
		t.Errorf("another try: %v", err)
	}
}

func TestRepairFindsAndMendsWhatDiffers(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	missing, stale, hidden, fine := f.publish(t, "Thiếu"), f.publish(t, "Cũ"), f.publish(t, "Đã gỡ"), f.publish(t, "Đúng")
	f.drain(t, store.IndexPublic)
	// The index forgets one, keeps an old state of one, one that is not public
	// any more, and one that the store has never seen.
	f.Change(t, hidden.Code, func(sub *civic.Submission) { sub.Visibility = civic.TakenDown })
	f.drain(t, store.IndexPublic)
	foreign := search.Document{Code: "222222222222", Title: "Lạ", ReceivedAt: house.Morning}
	old := search.Document{Code: stale.Code, Title: "Cũ hơn nữa", ReceivedAt: house.Morning}
	down := search.Document{Code: hidden.Code, Title: "Đã gỡ", ReceivedAt: house.Morning}
	err := f.s.Public.Apply(t.Context(), []search.Change{search.Remove(missing.Code), search.Put(old), search.Put(down), search.Put(foreign)})
	if err != nil {
		t.Fatal(err)
	}
	drift, err := f.s.Repair(t.Context(), store.IndexPublic, nil)
	if want := (finding.Drift{Missing: 1, Stale: 1, Foreign: 2}); err != nil || drift != want {
		t.Errorf("found %+v, want %+v, %v", drift, want, err)
	}
	f.drain(t, store.IndexPublic)
	got := f.found(t, store.IndexPublic, "")
	slices.Sort(got)
	want := []civic.Code{missing.Code, stale.Code, fine.Code}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the public finds %v, want %v", got, want)
	}
	if drift, err := f.s.Repair(t.Context(), store.IndexPublic, nil); err != nil || drift != (finding.Drift{}) {
		t.Errorf("after the repair: %+v, %v", drift, err)
	}
}
