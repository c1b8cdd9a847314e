package worktime_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/worktime"
)

// at reads "2026-02-10 09:30" as an instant in civic.Zone; "" is zero.
func at(t *testing.T, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if got, err := time.ParseInLocation(layout, s, civic.Zone); err == nil {
			return got
		}
	}
	t.Fatalf("not an instant: %q", s)
	return time.Time{}
}

func row(date civic.Date, kind civic.DayKind) civic.CalendarDay {
	return civic.CalendarDay{Date: date, Kind: kind}
}

// tet2026 has the lunar new year of 2026, Monday 16 to Friday 20 February, and
// the new year's swap: Friday 2 January off, Saturday 10 January worked.
func tet2026() []civic.CalendarDay {
	rows := []civic.CalendarDay{
		row(civic.Date{Year: 2026, Month: 1, Day: 1}, civic.Holiday),
		row(civic.Date{Year: 2026, Month: 1, Day: 2}, civic.Compensation),
		row(civic.Date{Year: 2026, Month: 1, Day: 10}, civic.WorkingDay),
	}
	for day := 16; day <= 20; day++ {
		rows = append(rows, row(civic.Date{Year: 2026, Month: 2, Day: day}, civic.Holiday))
	}
	return rows
}

func TestDue(t *testing.T) {
	t.Parallel()
	type pause = [2]string
	days := func(n int) civic.Limit { return civic.Limit{Clock: civic.CalendarDays, Amount: n} }
	working := func(n int) civic.Limit { return civic.Limit{Clock: civic.WorkingDays, Amount: n} }
	hours := func(n int) civic.Limit { return civic.Limit{Clock: civic.WorkingHours, Amount: n} }
	tests := []struct {
		name   string
		start  string
		limit  civic.Limit
		pauses []pause
		want   string
	}{
		{"does not count the day of receipt", "2026-03-02 00:00", working(1), nil, "2026-03-03 23:59:59"},
		{"counts from the same day however late it was", "2026-03-02 23:59", working(1), nil, "2026-03-03 23:59:59"},
		{"takes the day of receipt in Vietnam, not in UTC", "2026-03-03 00:30", working(1), nil, "2026-03-04 23:59:59"},
		{"leaves out the week-end", "2026-03-06 10:00", working(1), nil, "2026-03-09 23:59:59"},
		{"begins on Monday after a Saturday", "2026-03-07 10:00", working(1), nil, "2026-03-09 23:59:59"},
		{"gives three weeks for fifteen working days", "2026-03-02 10:00", working(15), nil, "2026-03-23 23:59:59"},
		{"leaves out the lunar new year", "2026-02-13 10:00", working(2), nil, "2026-02-24 23:59:59"},
		{"counts a Saturday that is worked", "2026-01-09 10:00", working(1), nil, "2026-01-10 23:59:59"},
		{"leaves out a compensation day", "2025-12-31 10:00", working(1), nil, "2026-01-05 23:59:59"},

		{"counts every calendar day", "2026-03-02 10:00", days(15), nil, "2026-03-17 23:59:59"},
		{"moves a last day on Saturday to Monday", "2026-03-02 10:00", days(5), nil, "2026-03-09 23:59:59"},
		{"moves a last day in the lunar new year behind it", "2026-02-02 10:00", days(15), nil, "2026-02-23 23:59:59"},
		{"keeps a last day on a Saturday that is worked", "2026-01-05 10:00", days(5), nil, "2026-01-10 23:59:59"},

		{"counts hours inside the office day", "2026-03-02 08:00", hours(3), nil, "2026-03-02 11:00"},
		{"leaves out the midday break", "2026-03-02 11:00", hours(2), nil, "2026-03-02 14:30"},
		{"ends with the session rather than at the next", "2026-03-02 08:00", hours(4), nil, "2026-03-02 12:00"},
		{"ends a day of eight hours when the office closes", "2026-03-02 08:00", hours(8), nil, "2026-03-02 17:30"},
		{"begins when the office opens", "2026-03-01 20:00", hours(8), nil, "2026-03-02 17:30"},
		{"carries hours over the week-end", "2026-03-06 16:30", hours(2), nil, "2026-03-09 09:00"},

		{"is not moved by a pause that is over by the evening", "2026-03-02 10:00", working(3), []pause{{"2026-03-04 08:00", "2026-03-04 17:00"}}, "2026-03-05 23:59:59"},
		{"loses a working day per night paused", "2026-03-02 10:00", working(3), []pause{{"2026-03-04 08:00", "2026-03-06 09:00"}}, "2026-03-09 23:59:59"},
		{"loses nothing to a pause over days of rest", "2026-03-06 10:00", working(2), []pause{{"2026-03-07 00:00", "2026-03-09 00:00"}}, "2026-03-10 23:59:59"},
		{"counts nights in two pauses once", "2026-03-02 10:00", working(3), []pause{{"2026-03-03 08:00", "2026-03-05 09:00"}, {"2026-03-04 08:00", "2026-03-05 10:00"}}, "2026-03-09 23:59:59"},
		{"has no pause after its end", "2026-03-02 10:00", working(1), []pause{{"2026-03-04 08:00", ""}}, "2026-03-03 23:59:59"},
		{"is unknown while a pause is open", "2026-03-02 10:00", working(3), []pause{{"2026-03-04 08:00", ""}}, ""},
		{"is unknown on the last day, too, while a pause is open", "2026-03-02 10:00", working(1), []pause{{"2026-03-03 08:00", ""}}, ""},
		{"extends calendar days by nights paused", "2026-03-02 10:00", days(10), []pause{{"2026-03-04 08:00", "2026-03-06 09:00"}}, "2026-03-16 23:59:59"},
		{"is not moved into a pause", "2026-03-02 10:00", days(5), []pause{{"2026-03-08 08:00", "2026-03-11 09:00"}}, "2026-03-11 23:59:59"},
		{"stands still to the minute by the hour", "2026-03-02 08:00", hours(4), []pause{{"2026-03-02 09:00", "2026-03-02 09:45"}}, "2026-03-02 14:15"},
		{"is unknown while a pause of hours is open", "2026-03-02 08:00", hours(4), []pause{{"2026-03-02 09:00", ""}}, ""},
		{"is reached when the pause begins at that instant", "2026-03-02 08:00", hours(1), []pause{{"2026-03-02 09:00", ""}}, "2026-03-02 09:00"},
		{"ignores a pause that ends before it begins", "2026-03-02 10:00", working(1), []pause{{"2026-03-05 08:00", "2026-03-02 09:00"}}, "2026-03-03 23:59:59"},

		{"is the start for an amount below one", "2026-03-07 10:00", working(0), nil, "2026-03-07 10:00"},
		{"is unknown for an unknown clock", "2026-03-07 10:00", civic.Limit{Clock: "weeks", Amount: 1}, nil, ""},
	}
	c := mustCalendar(t, tet2026())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var pauses []civic.Pause
			for _, p := range tt.pauses {
				pauses = append(pauses, civic.Pause{From: at(t, p[0]), Until: at(t, p[1])})
			}
			got := c.Due(at(t, tt.start), tt.limit, pauses...)
			if !got.Equal(at(t, tt.want)) {
				t.Errorf("Due = %v, want %v", got.In(civic.Zone), at(t, tt.want))
			}
			if got.Location() != time.UTC {
				t.Errorf("Due is in %v, want UTC", got.Location())
			}
		})
	}
}

func TestRemaining(t *testing.T) {
	t.Parallel()
	c := mustCalendar(t, tet2026())
	due := at(t, "2026-03-23 23:59:59")
	tests := []struct {
		name, now string
		due       time.Time
		clock     civic.ClockType
		want      int
	}{
		{"is the whole limit on the day of receipt", "2026-03-02 10:00", due, civic.WorkingDays, 15},
		{"falls by one each working day", "2026-03-05 10:00", due, civic.WorkingDays, 12},
		{"stands over the week-end", "2026-03-08 10:00", due, civic.WorkingDays, 11},
		{"is none on the last day", "2026-03-23 23:00", due, civic.WorkingDays, 0},
		{"is below zero afterwards", "2026-03-25 08:00", due, civic.WorkingDays, -2},
		{"counts calendar days", "2026-03-20 10:00", due, civic.CalendarDays, 3},
		{"rounds hours up to those begun", "2026-03-02 10:30", at(t, "2026-03-02 12:00"), civic.WorkingHours, 2},
		{"counts whole hours too late", "2026-03-02 16:00", at(t, "2026-03-02 12:00"), civic.WorkingHours, -2},
		{"is none while the clock stands still", "2026-03-02 16:00", time.Time{}, civic.WorkingDays, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := c.Remaining(at(t, tt.now), tt.due, tt.clock); got != tt.want {
				t.Errorf("Remaining = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestInTime(t *testing.T) {
	t.Parallel()
	due := at(t, "2026-03-23 23:59:59")
	tests := []struct {
		name string
		due  time.Time
		at   time.Time
		want bool
	}{
		{"holds in the last second", due, due, true},
		{"holds until that second is over", due, due.Add(999 * time.Millisecond), true},
		{"ends at midnight", due, due.Add(time.Second), false},
		{"holds while the clock stands still", time.Time{}, due, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := worktime.InTime(tt.due, tt.at); got != tt.want {
				t.Errorf("InTime = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestIsWorkingDay(t *testing.T) {
	t.Parallel()
	c := mustCalendar(t, tet2026())
	for date, want := range map[string]bool{
		"2026-01-01": false, "2026-01-02": false, "2026-01-05": true, "2026-01-10": true, "2026-01-11": false,
		"2026-01-17": false, "2026-02-16": false, "2026-02-20": false, "2026-02-23": true,
		"1969-12-28": false, "1969-12-29": true, "2100-01-01": true,
	} {
		if got := c.IsWorkingDay(civic.DateOf(at(t, date))); got != want {
			t.Errorf("IsWorkingDay(%s) = %v, want %v", date, got, want)
		}
	}
}

func TestNewRefusesFaultyRows(t *testing.T) {
	t.Parallel()
	monday, saturday := civic.Date{Year: 2026, Month: 3, Day: 2}, civic.Date{Year: 2026, Month: 3, Day: 7}
	tests := []struct {
		name string
		rows []civic.CalendarDay
		want string
	}{
		{"a day that does not exist", []civic.CalendarDay{row(civic.Date{Year: 2026, Month: 2, Day: 30}, civic.Holiday)}, "2026-02-30 is not a day"},
		{"two kinds for one day", []civic.CalendarDay{row(monday, civic.Holiday), row(monday, civic.Compensation)}, "2026-03-02 is both"},
		{"a Saturday both off and worked", []civic.CalendarDay{row(saturday, civic.WorkingDay), row(saturday, civic.Holiday)}, "2026-03-07 is both"},
		{"a working Monday", []civic.CalendarDay{row(monday, civic.WorkingDay)}, "working day already"},
		{"a compensation on a Saturday", []civic.CalendarDay{row(saturday, civic.Compensation)}, "off anyway"},
		{"an unknown kind", []civic.CalendarDay{row(monday, "festival")}, "unknown kind"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := worktime.New(tt.rows)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New = %v, want an error with %q", err, tt.want)
			}
		})
	}
	t.Run("reports every fault at once", func(t *testing.T) {
		t.Parallel()
		_, err := worktime.New([]civic.CalendarDay{row(monday, civic.WorkingDay), row(saturday, "festival")})
		if err == nil || strings.Count(err.Error(), "2026-") != 2 {
			t.Errorf("New = %v, want both rows named", err)
		}
	})
	t.Run("takes the same holiday twice", func(t *testing.T) {
		t.Parallel()
		if _, err := worktime.New([]civic.CalendarDay{row(monday, civic.Holiday), row(monday, civic.Holiday)}); err != nil {
			t.Errorf("New = %v", err)
		}
	})
}

func TestOfficeHours(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		hours worktime.OfficeHours
		valid bool
	}{
		{"the default", worktime.DefaultHours(), true},
		{"one session", worktime.OfficeHours{Sessions: []worktime.Session{{Opens: 0, Closes: 24 * time.Hour}}}, true},
		{"none", worktime.OfficeHours{}, false},
		{"an empty session", worktime.OfficeHours{Sessions: []worktime.Session{{Opens: time.Hour, Closes: time.Hour}}}, false},
		{"overlapping sessions", worktime.OfficeHours{Sessions: []worktime.Session{{Opens: 1, Closes: 9}, {Opens: 8, Closes: 12}}}, false},
		{"a session past midnight", worktime.OfficeHours{Sessions: []worktime.Session{{Opens: 1, Closes: 25 * time.Hour}}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := worktime.NewWithHours(nil, tt.hours); (err == nil) != tt.valid {
				t.Errorf("NewWithHours = %v, want valid %v", err, tt.valid)
			}
		})
	}
	t.Run("are those of the office", func(t *testing.T) {
		t.Parallel()
		early := worktime.OfficeHours{Sessions: []worktime.Session{{Opens: 7 * time.Hour, Closes: 11 * time.Hour}}}
		c, err := worktime.NewWithHours(nil, early)
		if err != nil {
			t.Fatal(err)
		}
		early.Sessions[0].Opens = 0 // the calendar keeps its own
		got := c.Due(at(t, "2026-03-02 06:00"), civic.Limit{Clock: civic.WorkingHours, Amount: 5})
		if want := at(t, "2026-03-03 08:00"); !got.Equal(want) || c.Hours().Sessions[0].Opens != 7*time.Hour {
			t.Errorf("Due = %v, want %v; hours %v", got, want, c.Hours())
		}
	})
}
