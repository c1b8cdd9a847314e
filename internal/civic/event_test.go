package civic_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"hienke/internal/civic"
)

// A list without a new event would hide it from whoever looks for it.
func TestEveryEventIsListed(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("event.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\tEvent\w+\s+EventType = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(found) < 50 {
		t.Fatalf("only %d events were found in the source", len(found))
	}
	for _, m := range found {
		if !slices.Contains(civic.EventTypes, civic.EventType(m[1])) {
			t.Errorf("%s is not in EventTypes", m[1])
		}
	}
}

func TestAnEscalationIsReadBack(t *testing.T) {
	t.Parallel()
	if days, ok := civic.EscalatedAfter(civic.Escalation(12)); !ok || days != 12 {
		t.Errorf("read %d, %v", days, ok)
	}
	for _, other := range []string{"", "Quá hạn", "Quá hạn 5 ngày làm việc, đã gọi", "Chờ giấy tờ"} {
		if _, ok := civic.EscalatedAfter(other); ok {
			t.Errorf("%q was written by a person", other)
		}
	}
}
