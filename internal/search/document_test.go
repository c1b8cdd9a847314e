package search_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/search"
)

// full has a value in every field.
func full() search.Document {
	return search.Document{
		Code: "A", Title: "t", Body: "b", Answer: "a", Kind: civic.Feedback, Topic: "x", Agency: "y", Area: "01",
		Status: civic.Answered, Outcome: civic.OutcomeAccepted, Year: 2026,
		ReceivedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), AnsweredAt: time.Date(2026, 2, 2, 3, 4, 5, 0, time.UTC),
	}
}

func TestFingerprintChangesWithEveryField(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*search.Document){
		"code":                   func(d *search.Document) { d.Code = "B" },
		"title":                  func(d *search.Document) { d.Title += "b" },
		"body":                   func(d *search.Document) { d.Body = "" },
		"answer":                 func(d *search.Document) { d.Answer = "á" },
		"kind":                   func(d *search.Document) { d.Kind = civic.Solution },
		"topic":                  func(d *search.Document) { d.Topic = "" },
		"agency":                 func(d *search.Document) { d.Agency = "x" },
		"area":                   func(d *search.Document) { d.Area = "1" },
		"status":                 func(d *search.Document) { d.Status = civic.Closed },
		"outcome":                func(d *search.Document) { d.Outcome = "" },
		"year":                   func(d *search.Document) { d.Year++ },
		"received":               func(d *search.Document) { d.ReceivedAt = d.ReceivedAt.Add(time.Microsecond) },
		"answered":               func(d *search.Document) { d.AnsweredAt = time.Time{} },
		"two texts run together": func(d *search.Document) { d.Title, d.Body = "tb", "" },
	}
	base := full()
	seen := map[string]string{base.Fingerprint(): "nothing"}
	for name, change := range changes {
		d := full()
		change(&d)
		if other, taken := seen[d.Fingerprint()]; taken {
			t.Errorf("changing %s gives the fingerprint of changing %s", name, other)
		}
		seen[d.Fingerprint()] = name
	}
}

func TestFingerprintHeedsWhatIsKeptAlone(t *testing.T) {
	t.Parallel()
	a, b := full(), full()
	a.Title, b.Title = "Hoà", "Ho\u0300a\x00" // kept as the same text
	b.ReceivedAt = b.ReceivedAt.In(civic.Zone).Add(time.Nanosecond)
	if a.Fingerprint() != b.Fingerprint() {
		t.Error("the fingerprint changes with what an index does not keep")
	}
}
