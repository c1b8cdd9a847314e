package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"hienke/internal/civic"
)

// The rows as people write them. A key that is not here is refused.

type names struct {
	Vi string `toml:"vi"`
	En string `toml:"en"`
}

func (n names) civic() civic.Names {
	out := civic.Names{}
	if n.Vi != "" {
		out[civic.Vietnamese] = n.Vi
	}
	if n.En != "" {
		out[civic.English] = n.En
	}
	return out
}

// validity is part of every row that can end: the first day on which it holds
// and the first on which it no longer does.
type validity struct {
	From  *toml.LocalDate `toml:"from"`
	Until *toml.LocalDate `toml:"until"`
}

func (v validity) period() civic.Period {
	return civic.Period{From: startOf(v.From), Until: startOf(v.Until)}
}

// startOf returns the first instant of a day, or zero for none.
func startOf(d *toml.LocalDate) time.Time {
	if d == nil {
		return time.Time{}
	}
	return date(*d).Start().UTC()
}

func date(d toml.LocalDate) civic.Date {
	return civic.Date{Year: d.Year, Month: time.Month(d.Month), Day: d.Day}
}

type agencyRow struct {
	Code       string   `toml:"code"`
	Parent     string   `toml:"parent"`
	Name       names    `toml:"name"`
	Aliases    []string `toml:"aliases"`
	Competence string   `toml:"competence"`
	Area       string   `toml:"area"`
	Email      string   `toml:"email"`
	Receives   bool     `toml:"receives"`
	Successors []string `toml:"successors"`
	Succession []struct {
		Agency string   `toml:"agency"`
		Topics []string `toml:"topics"`
	} `toml:"successor"`
	Source string `toml:"source"`
	validity
}

type topicRow struct {
	Code        string `toml:"code"`
	Parent      string `toml:"parent"`
	Name        names  `toml:"name"`
	Description string `toml:"description"`
	validity
}

type areaRow struct {
	Code    string   `toml:"code"`
	Name    names    `toml:"name"`
	Aliases []string `toml:"aliases"`
	Source  string   `toml:"source"`
	validity
}

type dayRow struct {
	Date      toml.LocalDate `toml:"date"`
	Kind      string         `toml:"kind"`
	Name      names          `toml:"name"`
	Certainty string         `toml:"certainty"`
	Source    string         `toml:"source"`
}

type limitRow struct {
	Clock  string `toml:"clock"`
	Amount int    `toml:"amount"`
}

func (l limitRow) civic() civic.Limit {
	return civic.Limit{Clock: civic.ClockType(l.Clock), Amount: l.Amount}
}

type ruleRow struct {
	ID      string `toml:"id"`
	Version int    `toml:"version"`
	Name    string `toml:"name"`
	English string `toml:"english"`
	Agency  string `toml:"agency"`
	When    string `toml:"when"`
	Note    string `toml:"note"`
	Owner   string `toml:"owner"`
	validity
}

type reasonRow struct {
	Code    string `toml:"code"`
	Name    names  `toml:"name"`
	Message names  `toml:"message"`
	Belongs names  `toml:"belongs"`
	Link    string `toml:"link"`
}

type synonymRow struct {
	Names    []string `toml:"names"`
	Capitals []string `toml:"capitals"`
	Also     []string `toml:"also"`
	Source   string   `toml:"source"`
}

// files holds every file as written.
type files struct {
	agencies struct {
		Rows []agencyRow `toml:"agency"`
	}
	areas struct {
		Rows []areaRow `toml:"area"`
	}
	topics struct {
		Source string     `toml:"source"`
		Rows   []topicRow `toml:"topic"`
	}
	calendar struct {
		Rows []dayRow `toml:"day"`
	}
	limits struct {
		Source      string   `toml:"source"`
		Receive     limitRow `toml:"receive"`
		Forward     limitRow `toml:"forward"`
		Answer      limitRow `toml:"answer"`
		Information limitRow `toml:"information"`
		Opinion     limitRow `toml:"opinion"`
		Pauses      struct {
			Count int `toml:"count"`
			Days  int `toml:"days"`
		} `toml:"pauses"`
		PerKind map[string]limitRow `toml:"per_kind"`
		Privacy struct {
			FirstReply limitRow            `toml:"first_reply"`
			Extension  limitRow            `toml:"extension"`
			PerKind    map[string]limitRow `toml:"per_kind"`
		} `toml:"privacy"`
		Guardian struct {
			Consent  limitRow `toml:"consent"`
			Reminder limitRow `toml:"reminder"`
		} `toml:"guardian"`
	}
	rules struct {
		Rows []ruleRow `toml:"rule"`
	}
	rejections struct {
		Source string      `toml:"source"`
		Rows   []reasonRow `toml:"reason"`
	}
	synonyms struct {
		Rows []synonymRow `toml:"synonym"`
	}
	scope     scopeRows
	reminders reminderRows
	holdings  struct {
		Rows []holdingRow `toml:"holding"`
	}
}

// readFiles decodes every file and reports what is wrong with any.
func readFiles(fsys fs.FS) (*files, error) {
	f := &files{}
	return f, errors.Join(
		decode(fsys, agenciesFile, &f.agencies),
		decode(fsys, areasFile, &f.areas),
		decode(fsys, topicsFile, &f.topics),
		decode(fsys, calendarFile, &f.calendar),
		decode(fsys, limitsFile, &f.limits),
		decode(fsys, rulesFile, &f.rules),
		decode(fsys, rejectionsFile, &f.rejections),
		decode(fsys, synonymsFile, &f.synonyms),
		decode(fsys, scopeFile, &f.scope),
		decodeReminders(fsys, &f.reminders),
		decode(fsys, holdingsFile, &f.holdings),
	)
}

// decode reads one file into target and puts file and place before whatever is
// wrong: each unknown key, or the first thing that is not TOML or has the
// wrong type.
func decode(fsys fs.FS, name string, target any) error {
	file, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	err = toml.NewDecoder(file).DisallowUnknownFields().Decode(target)
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		var all []error
		for _, e := range unknown.Errors {
			row, column := e.Position()
			all = append(all, fmt.Errorf("%s:%d:%d: unknown key %q", name, row, column, strings.Join(e.Key(), ".")))
		}
		return errors.Join(all...)
	}
	if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, column := wrong.Position()
		return fmt.Errorf("%s:%d:%d: %w", name, row, column, wrong)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
