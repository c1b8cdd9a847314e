package following_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/following"
	"hienke/internal/store"
)

// refuse ends a public case without an answer.
func (d *desk) refuse(sub civic.Submission) {
	d.t.Helper()
	d.Change(d.t, sub.Code, func(sub *civic.Submission) {
		sub.State, sub.Rejection = civic.Rejected, civic.Rejection{Reason: "complaint_or_denunciation"}
	})
	d.Do(d.t, func(tx store.Tx) error {
		_, err := tx.Outbox().Put(d.t.Context(), store.Job{Kind: store.JobFollowMatch, Subject: int64(sub.ID), CreatedAt: d.Clock.Now()})
		return err
	})
}

// digest publishes answers to cases with these titles and tells of them.
func (d *desk) digest(titles ...string) {
	d.t.Helper()
	d.Clock.Advance(time.Minute)
	for _, title := range titles {
		d.approve(d.inReview(title, civic.Private), true)
	}
	d.match()
	_, err := d.s.SweepDigests(d.t.Context())
	d.must(err)
	d.run(store.JobFollowDigest, d.s.SendDigest)
}

func TestADigestNamesSomeAndLeadsToTheRest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ask(following.Wish{Query: "q=trung+tam+du+lieu"})
	d.confirm()
	d.digest(slices.Repeat([]string{"Trung tâm dữ liệu"}, 21)...)
	all := d.server.Messages()
	got := text(t, all[len(all)-1])
	if n := strings.Count(got, "/vi/s/HK-"); n != 20 || !strings.Contains(got, "trang tra cứu:\r\nhttps://hienke.example/vi/search\r\n") {
		t.Errorf("%d cases in %s", n, got)
	}
}

// TestMailsReadAsTheyShould compares the last mail of each story with a file.
func TestMailsReadAsTheyShould(t *testing.T) {
	t.Parallel()
	for _, lang := range civic.Languages {
		stories := map[string]func(d *desk){
			"confirm_case": func(d *desk) {
				d.ask(following.Wish{Case: d.inReview("Trung tâm dữ liệu ở Đà Nẵng", civic.PublicOpen).Code, Language: lang})
			},
			"confirm_search": func(d *desk) { d.ask(following.Wish{Query: "q=<cau>", Language: lang}) },
			"case": func(d *desk) {
				sub := d.inReview("Trung tâm dữ liệu ở Đà Nẵng", civic.PublicOpen)
				d.ask(following.Wish{Case: sub.Code, Language: lang})
				d.confirm()
				d.approve(sub, true)
				d.match()
				d.run(store.JobFollowTell, d.s.SendNews)
			},
			"case_rejected": func(d *desk) {
				sub := d.inReview("Trung tâm dữ liệu ở Đà Nẵng", civic.PublicOpen)
				d.ask(following.Wish{Case: sub.Code, Language: lang})
				d.confirm()
				d.refuse(sub)
				d.match()
				d.run(store.JobFollowTell, d.s.SendNews)
			},
			"digest": func(d *desk) {
				d.ask(following.Wish{Query: "q=trung+tam+du+lieu", Language: lang})
				d.confirm()
				d.digest("Trung tâm dữ liệu ở Đà Nẵng", "Trung tâm dữ liệu <b>Huế</b>")
			},
		}
		for name, tell := range stories {
			name += "." + string(lang) + ".txt"
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t)
				tell(d)
				all := d.server.Messages()
				all[len(all)-1].Golden(t, "testdata/"+name)
			})
		}
	}
}
