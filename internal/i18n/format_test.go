package i18n_test

import (
	"testing"
	"time"

	"hienke/internal/i18n"
)

func TestDates(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)
	at := time.Date(2026, 11, 22, 7, 5, 9, 0, time.UTC)
	late := time.Date(2027, 2, 4, 17, 0, 0, 0, time.UTC) // the 5th in the zone
	tests := []struct {
		name, got, want string
	}{
		{"a day in Vietnamese", i18n.Date(i18n.Vietnamese, at, zone), "ngày 22 tháng 11 năm 2026"},
		{"small days and the first months with a zero", i18n.Date(i18n.Vietnamese, late, zone), "ngày 05 tháng 02 năm 2027"},
		{"later months without", i18n.Date(i18n.Vietnamese, late.AddDate(0, 1, 0), zone), "ngày 05 tháng 3 năm 2027"},
		{"a day in English", i18n.Date(i18n.English, late, zone), "5 February 2027"},
		{"a short day in Vietnamese", i18n.ShortDate(i18n.Vietnamese, late, zone), "05/02/2027"},
		{"a short day in English", i18n.ShortDate(i18n.English, late, zone), "5 Feb 2027"},
		{"a minute in Vietnamese", i18n.DateTime(i18n.Vietnamese, at, zone), "14:05, 22/11/2026"},
		{"a minute in English", i18n.DateTime(i18n.English, at, zone), "14:05, 22 Nov 2026"},
		{"an instant for machines", i18n.Machine(at, zone), "2026-11-22T14:05:09+07:00"},
		{"nothing for no day", i18n.Date(i18n.Vietnamese, time.Time{}, zone) + i18n.DateTime(i18n.English, time.Time{}, zone), ""},
		{"nothing for no instant", i18n.Machine(time.Time{}, zone) + i18n.ShortDate(i18n.English, time.Time{}, zone), ""},
		{"a share", i18n.Percent(i18n.English, 0.876), "88%"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}

func TestNegotiate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, header string
		want         i18n.Lang
	}{
		{"nothing is Vietnamese", "", i18n.Vietnamese},
		{"another language is Vietnamese", "fr-FR, de;q=0.8", i18n.Vietnamese},
		{"a region is its language", "en-GB,en;q=0.9,vi;q=0.8", i18n.English},
		{"the weight decides, not the place", "en;q=0.3, vi-VN;q=0.9", i18n.Vietnamese},
		{"of equal weights the first wins", "en, vi", i18n.English},
		{"what is refused is not chosen", "en;q=0", i18n.Vietnamese},
		{"a weight that cannot be read does not count", "en;q=high", i18n.Vietnamese},
		{"capitals do not matter", "EN-us", i18n.English},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := i18n.Negotiate(tt.header); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
