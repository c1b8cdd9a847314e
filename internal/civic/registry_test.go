package civic_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hienke/internal/civic"
)

func TestPeriodHolds(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	tests := []struct {
		name string
		p    civic.Period
		want [3]bool // a day before now, now, a day after
	}{
		{"an open period always holds", civic.Period{}, [3]bool{true, true, true}},
		{"the first instant is included", civic.Period{From: now}, [3]bool{false, true, true}},
		{"the last instant is excluded", civic.Period{Until: now}, [3]bool{true, false, false}},
		{"an empty period never holds", civic.Period{From: now, Until: now}, [3]bool{}},
	}
	for _, tt := range tests {
		got := [3]bool{tt.p.Holds(now.Add(-day)), tt.p.Holds(now), tt.p.Holds(now.Add(day))}
		if got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestLookUps(t *testing.T) {
	t.Parallel()
	reg := registryWithEnded()
	if a, ok := reg.Agency("former"); !ok || a.Code != "former" {
		t.Error("an agency that ended is not found: old cases need it")
	}
	if _, ok := reg.Agency("nobody"); ok {
		t.Error("an unknown agency is found")
	}
	if topic, ok := reg.Topic("telex"); !ok || topic.Code != "telex" {
		t.Error("a topic that ended is not found")
	}
	if _, ok := reg.Topic(""); ok {
		t.Error("the empty topic is found")
	}
	if area, ok := reg.Area("02"); !ok || area.Code != "02" {
		t.Error("an area that ended is not found")
	}
	if _, ok := reg.Area("99"); ok {
		t.Error("an unknown area is found")
	}
}

func TestValidAtATime(t *testing.T) {
	t.Parallel()
	reg := registryWithEnded()
	before := now.Add(-time.Hour)
	for at, want := range map[time.Time]string{now: "[root ministry department other]", before: "[root department former other]"} {
		var codes []civic.AgencyCode
		for _, a := range reg.AgenciesAt(at) {
			codes = append(codes, a.Code)
		}
		if got := fmt.Sprint(codes); got != want {
			t.Errorf("AgenciesAt(%v) = %s, want %s", at, got, want)
		}
	}
	if got := len(reg.TopicsAt(now)); got != 1 {
		t.Errorf("%d topics now, want 1", got)
	}
	if got := len(reg.AreasAt(before)); got != 2 {
		t.Errorf("%d areas before, want 2", got)
	}
	if len(reg.Agencies) != 5 || len(reg.Topics) != 2 || len(reg.Areas) != 2 {
		t.Error("listing changed the registry")
	}
}

func TestCanReceive(t *testing.T) {
	t.Parallel()
	reg := registryWithEnded()
	for code, want := range map[civic.AgencyCode]bool{
		"ministry": true, "department": true, "root": false, "former": false, "nobody": false, "": false,
	} {
		if got := reg.CanReceive(code, now); got != want {
			t.Errorf("CanReceive(%q) = %v, want %v", code, got, want)
		}
	}
}

func TestSubtree(t *testing.T) {
	t.Parallel()
	reg := registryWithEnded()
	for root, want := range map[civic.AgencyCode][]civic.AgencyCode{
		"root": {"root", "ministry", "department", "former"}, "ministry": {"ministry", "department", "former"}, "other": {"other"}, "nobody": nil,
	} {
		if got := reg.Subtree(root); !slices.Equal(got, want) {
			t.Errorf("Subtree(%q) = %v, want %v", root, got, want)
		}
	}
}

func TestWithinEndsInACircle(t *testing.T) {
	t.Parallel()
	reg := &civic.Registry{Agencies: []civic.Agency{{Code: "a", Parent: "b"}, {Code: "b", Parent: "a"}}}
	if !reg.Within("a", "b") || reg.Within("a", "c") {
		t.Error("a circle is not walked once around")
	}
}

func TestNamesFallBackToVietnamese(t *testing.T) {
	t.Parallel()
	n := civic.Names{civic.Vietnamese: "Bộ Y tế", civic.English: "Ministry of Health"}
	half := civic.Names{civic.Vietnamese: "Bộ Y tế"}
	if n.In(civic.English) != "Ministry of Health" || half.In(civic.English) != "Bộ Y tế" || n.In("fr") != "Bộ Y tế" {
		t.Error("a name is not in the language asked for, or else in Vietnamese")
	}
}

func TestPageLanguage(t *testing.T) {
	t.Parallel()
	for l, want := range map[civic.Language]civic.Language{
		"": civic.Vietnamese, "vi": civic.Vietnamese, "VI-vn": civic.Vietnamese, "en": civic.English, "fr": civic.English,
	} {
		if got := l.Page(); got != want {
			t.Errorf("Page of %q = %q, want %q", l, got, want)
		}
	}
}

func TestSuccessor(t *testing.T) {
	t.Parallel()
	merged := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	gone := civic.Period{Until: merged}
	reg := &civic.Registry{
		Agencies: []civic.Agency{
			{Code: "health", Receives: true}, {Code: "home", Receives: true}, {Code: "education", Receives: true},
			{Code: "labour", Receives: true, Valid: gone, Successors: []civic.AgencyCode{"health", "home"}, Succession: []civic.Succession{
				{Agency: "health", Topics: []civic.TopicCode{"children"}}, {Agency: "home"},
			}},
			{Code: "youth", Receives: true, Valid: gone, Successors: []civic.AgencyCode{"labour"}},
			{Code: "two", Receives: true, Valid: gone, Successors: []civic.AgencyCode{"health", "youth"}, Succession: []civic.Succession{
				{Agency: "education", Topics: []civic.TopicCode{"school"}},
			}},
			{Code: "nobody", Receives: true, Valid: gone},
			{Code: "a", Valid: gone, Successors: []civic.AgencyCode{"b"}}, {Code: "b", Valid: gone, Successors: []civic.AgencyCode{"a"}},
		},
		Topics: []civic.Topic{{Code: "children"}, {Code: "toys", Parent: "children"}, {Code: "wages"}, {Code: "school"}},
	}
	before, after := merged.Add(-time.Second), merged
	tests := []struct {
		name  string
		code  civic.AgencyCode
		topic civic.TopicCode
		at    time.Time
		want  civic.AgencyCode
	}{
		{"is the agency itself while it may receive", "labour", "children", before, "labour"},
		{"goes by topic", "labour", "children", after, "health"},
		{"goes by the topic above", "labour", "toys", after, "health"},
		{"is who got the rest", "labour", "wages", after, "home"},
		{"is who got the rest without a topic", "labour", "", after, "home"},
		{"is who got the rest for a topic nobody knows", "labour", "unheard", after, "home"},
		{"goes on over several steps", "youth", "toys", after, "health"},
		{"is nobody where nothing decides", "two", "wages", after, ""},
		{"is decided by a topic even then", "two", "school", after, "education"},
		{"is nobody where nobody took over", "nobody", "", after, ""},
		{"is nobody for an agency that nobody knows", "unheard", "", after, ""},
		{"ends in a circle", "a", "", after, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := reg.Successor(tt.code, tt.topic, tt.at)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("Successor(%q, %q) = %q, %v, want %q", tt.code, tt.topic, got, ok, tt.want)
			}
		})
	}
	for code, want := range map[civic.AgencyCode]string{"two": "[health home]", "labour": "[health home]", "health": "[health]", "a": "[]", "nobody": "[]"} {
		if got := fmt.Sprint(reg.SuccessorsOf(code, after)); got != want {
			t.Errorf("SuccessorsOf(%q) = %v, want %v", code, got, want)
		}
	}
}
