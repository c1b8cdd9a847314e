package registry

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"time"

	"hienke/configs"
	"hienke/internal/civic"
)

const remindersFile = "reminders.toml"

// maxStep is the furthest from a deadline that a step may be, in working days.
const maxStep = 60

// keptFor is how many days it is kept who was told what, a quarter; maxKept,
// ten years, is the most that can be meant.
const (
	keptFor = 92
	maxKept = 3653
)

// reminderRows are the steps as people write them.
type reminderRows struct {
	DigestAt      string `toml:"digest_at"`
	LateNoteAt    string `toml:"late_note_at"`
	LateNoteEvery int    `toml:"late_note_every"`
	KeptFor       int    `toml:"kept_for"` // days; 0, as an older registry has it, is keptFor
	Rows          []struct {
		Code   string   `toml:"code"`
		Clock  string   `toml:"clock"`
		Before *int     `toml:"before"`
		After  *int     `toml:"after"`
		To     []string `toml:"to"`
	} `toml:"step"`
}

// decodeReminders reads the file; an older registry that has none gets the one
// that the program comes with.
func decodeReminders(fsys fs.FS, target *reminderRows) error {
	err := decode(fsys, remindersFile, target)
	if errors.Is(err, fs.ErrNotExist) {
		return decode(configs.Registry(), remindersFile, target)
	}
	return err
}

func (r *reminderRows) civic() civic.Reminders {
	out := civic.Reminders{LateNoteEvery: r.LateNoteEvery, KeptFor: time.Duration(cmp.Or(r.KeptFor, keptFor)) * 24 * time.Hour}
	out.DigestAt, _ = clockTime(r.DigestAt) // check reports what is wrong
	out.LateNoteAt, _ = clockTime(r.LateNoteAt)
	for _, row := range r.Rows {
		step := civic.ReminderStep{Code: row.Code, Clock: civic.LimitUse(row.Clock)}
		switch {
		case row.After != nil:
			step.After = *row.After
		case row.Before != nil:
			step.After = -*row.Before
		}
		for _, to := range row.To {
			step.To = append(step.To, civic.Recipient(to))
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}

// clockTime reads a time of day.
func clockTime(s string) (time.Duration, error) {
	at, err := time.Parse("15:04", s)
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, err
}

func (r *reminderRows) check() []error {
	p := &problems{file: remindersFile}
	for name, written := range map[string]string{"digest_at": r.DigestAt, "late_note_at": r.LateNoteAt} {
		if _, err := clockTime(written); err != nil {
			p.add(name, "%q is not a time such as 07:30", written)
		}
	}
	if r.LateNoteEvery < 1 || r.LateNoteEvery > 7 {
		p.add("late_note_every", "is not between 1 and 7 days")
	}
	if r.KeptFor < 0 || r.KeptFor > maxKept {
		p.add("kept_for", "is not between 1 and %d days", maxKept)
	}
	var codes []string
	for _, row := range r.Rows {
		codes = append(codes, row.Code)
		if clock := civic.LimitUse(row.Clock); clock != civic.ForAnswer && clock != civic.ForForwarding {
			p.add(row.Code, "the clock %q is neither answer nor forward", row.Clock)
		}
		if (row.Before == nil) == (row.After == nil) {
			p.add(row.Code, "has not one of before and after")
		}
		if row.Before != nil && (*row.Before < 0 || *row.Before > maxStep) || row.After != nil && (*row.After < 1 || *row.After > maxStep) {
			p.add(row.Code, "lies more than %d working days from the deadline, or on its other side", maxStep)
		}
		if len(row.To) == 0 {
			p.add(row.Code, "tells nobody")
		}
		for _, to := range row.To {
			if !slices.Contains(civic.Recipients, civic.Recipient(to)) {
				p.add(row.Code, "the recipient %q is unknown", to)
			}
		}
	}
	p.coded(kebab, codes)
	return p.list
}
