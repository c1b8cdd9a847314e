package following_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/following"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/web"
)

// wishes are what people look for, a few of them said by the answer of
// BenchmarkMatch.
var wishes = []string{
	"dữ liệu", "trung tâm", "đà nẵng", "cầu vượt", "học phí", "bệnh viện", "ngập nước", "sổ đỏ", "thuế", "xe buýt", "trường học", "đèn đường",
	"internet", "công chức", "đấu thầu", "hạ tầng số", "năng lượng", "nông thôn", "khởi nghiệp", "sáng chế", "căn cước công dân", "VNeID", "bảo hiểm y tế", "lao động",
}

// BenchmarkMatch measures what it costs to find who saved a search that a new
// answer matches, among HIENKE_BENCH_ROWS saved searches or 10,000: for the
// first answer of a process, which reads the searches, and for every other; and
// beside it what reading their rows costs alone.
func BenchmarkMatch(b *testing.B) {
	rows := 10_000
	if text := os.Getenv("HIENKE_BENCH_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			b.Fatalf("HIENKE_BENCH_ROWS: %v", err)
		}
	}
	for name, open := range map[string]func(testing.TB) *house.House{"SQLite": house.New, "PostgreSQL": house.NewPostgres} {
		b.Run(name, func(b *testing.B) {
			h := open(b)
			d := deskIn(b, h)
			d.s.Query, d.s.Thesaurus = web.SavedQuery, h.Thesaurus
			saveSearches(b, h, rows)
			h.Clock.Advance(1)
			sub := d.inReview("Trung tâm dữ liệu ở Đà Nẵng", civic.Private)
			d.approve(sub, true)
			jobs := h.Jobs(b, store.JobFollowMatch)
			measure := func(name string, do func()) {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						do()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/search")
				})
			}
			match := func() { d.must(d.s.Match(b.Context(), jobs[0].ID, sub.ID)) }
			measure("rows alone", func() { readSearches(b, h) })
			measure("first answer", func() {
				d.s = &following.Service{Store: h.Store, Keys: h.Keys, Query: web.SavedQuery, Thesaurus: h.Thesaurus, Now: h.Clock.Now}
				match()
			})
			measure("next answer", match)
		})
	}
}

// saveSearches stores searches that differ: one to three wishes, some for one
// agency or a topic, and some for those alone.
func saveSearches(b *testing.B, h *house.House, rows int) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	agencies, topics := h.Registry.Agencies, h.Registry.Topics
	wanted := func(i int) string {
		values := url.Values{}
		if i%10 > 0 {
			text := ""
			for range 1 + random.IntN(3) {
				text += wishes[random.IntN(len(wishes))] + " "
			}
			if i%100 > 0 { // few want just what was answered
				text += strconv.Itoa(random.IntN(50))
			}
			values.Set("q", text)
		}
		if i%5 == 0 {
			values.Set("agency", string(agencies[random.IntN(len(agencies))].Code))
			values.Set("topic", string(topics[random.IntN(len(topics))].Code))
		}
		return values.Encode()
	}
	const perCommit = 5000
	for from := 0; from < rows; from += perCommit {
		h.Do(b, func(tx store.Tx) error {
			for i := from; i < min(from+perCommit, rows); i++ {
				who, err := tx.Following().Subscribe(b.Context(), store.Subscriber{
					Pseudonym: fmt.Sprint("reader-", i), Contact: store.SealedContact{WrappedKey: []byte{1}, Sealed: []byte{1}}, Language: civic.Vietnamese, CreatedAt: h.Clock.Now(),
				})
				if err != nil {
					return err
				}
				f, err := tx.Following().Add(b.Context(), store.Follow{Subscriber: who.ID, Query: wanted(i), CreatedAt: h.Clock.Now()})
				if err != nil {
					return err
				}
				if err := tx.Following().Confirm(b.Context(), f.ID, h.Clock.Now()); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// readSearches reads the rows of all saved searches, as matching them one by
// one would.
func readSearches(b *testing.B, h *house.House) (n int) {
	b.Helper()
	const batch = 500
	for after, more := int64(0), true; more; {
		h.View(b, func(tx store.Tx) error {
			list, err := tx.Following().Searches(b.Context(), after, batch)
			for _, f := range list {
				after = f.ID
			}
			n, more = n+len(list), len(list) == batch
			return err
		})
	}
	return n
}
