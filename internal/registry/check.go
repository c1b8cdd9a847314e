package registry

import (
	"fmt"
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/routing"
	"hienke/internal/search"
	"hienke/internal/worktime"
)

// Forms of codes. Areas have the official two digits.
var (
	kebab    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	snake    = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)
	areaCode = regexp.MustCompile(`^[0-9]{2}$`)
)

// maxAmount bounds a time limit in any unit: beyond ten years of days it is a
// slip of the keyboard.
const maxAmount = 3650

// problems collects what is wrong with one file.
type problems struct {
	file string
	list []error
}

func (p *problems) add(code, format string, args ...any) {
	p.list = append(p.list, fmt.Errorf("%s: %s: %s", p.file, code, fmt.Sprintf(format, args...)))
}

// named checks a name or text in both languages of the pages.
func (p *problems) named(code, what string, n civic.Names) {
	for _, lang := range civic.Languages {
		if n[lang] == "" {
			p.add(code, "%s is missing in %q", what, lang)
		}
	}
}

// coded checks the form of the codes and that none occurs twice.
func (p *problems) coded(form *regexp.Regexp, codes []string) {
	seen := map[string]bool{}
	for _, code := range codes {
		if !form.MatchString(code) {
			p.add(code, "the code is not of the form %s", form)
		}
		if seen[code] {
			p.add(code, "the code is there twice")
		}
		seen[code] = true
	}
}

func (p *problems) period(code string, v civic.Period) {
	if !v.From.IsZero() && !v.Until.IsZero() && !v.From.Before(v.Until) {
		p.add(code, "ends before it begins")
	}
}

// check returns every problem of the files and of what they say together.
func (f *files) check(d *Data) []error {
	return slices.Concat(
		checkAgencies(d), checkAreas(d), checkTopics(d.Registry.Topics), checkCalendar(d.Registry.Calendar),
		checkLimits(d.Registry.Limits), f.reminders.check(), checkRules(d), checkRejections(d.Rejections),
		checkScope(&f.scope, d), f.checkSynonyms(d), f.checkHoldings(d.Holdings),
	)
}

// checkSynonyms also makes the thesaurus.
func (f *files) checkSynonyms(d *Data) []error {
	p := &problems{file: synonymsFile}
	rows := make([]search.Synonyms, len(f.synonyms.Rows))
	for i, r := range f.synonyms.Rows {
		rows[i] = search.Synonyms{Names: r.Names, Capitals: r.Capitals, Also: r.Also}
		if first := strings.Join(slices.Concat(r.Names, r.Capitals), ", "); first == "" || r.Source == "" {
			p.add(first, "a row needs names and a source")
		}
	}
	thesaurus, wrong := search.NewThesaurus(rows)
	for _, err := range wrong {
		p.add("names", "%v", err)
	}
	d.Thesaurus = thesaurus
	return p.list
}

func checkAgencies(d *Data) []error {
	p := &problems{file: agenciesFile}
	reg, parents, valid := d.Registry, map[string]string{}, map[string]civic.Period{}
	var codes []string
	for _, a := range reg.Agencies {
		code := string(a.Code)
		codes = append(codes, code)
		parents[code], valid[code] = string(a.Parent), a.Valid
		p.named(code, "the name", a.Names)
		p.period(code, a.Valid)
		if a.Source == "" {
			p.add(code, "the source is missing")
		}
		if a.Receives && a.Competence == "" {
			p.add(code, "receives submissions but has no competence for routing to start from")
		}
		if _, ok := reg.Area(a.Area); a.Area != "" && !ok {
			p.add(code, "the area %q is unknown", a.Area)
		}
		if at, err := mail.ParseAddress(a.Email); a.Email != "" && (err != nil || at.Address != a.Email) {
			p.add(code, "%q is not the address of a mailbox", a.Email)
		}
		checkSuccessors(p, reg, a)
	}
	p.coded(kebab, codes)
	p.tree(codes, parents)
	p.shared(d.agencies, valid)
	return p.list
}

func checkSuccessors(p *problems, reg *civic.Registry, a civic.Agency) {
	if len(a.Successors) > 0 && a.Valid.Until.IsZero() {
		p.add(string(a.Code), "has successors but does not end")
	}
	for _, s := range a.Successors {
		if _, ok := reg.Agency(s); !ok {
			p.add(string(a.Code), "the successor %q is unknown", s)
		}
	}
	seen := map[civic.TopicCode]bool{}
	for _, s := range a.Succession {
		topics := s.Topics
		if len(topics) == 0 {
			topics = []civic.TopicCode{""} // the rest, which has one heir too
		}
		for _, topic := range topics {
			if _, ok := reg.Topic(topic); topic != "" && !ok {
				p.add(string(a.Code), "the topic %q of a successor is unknown", topic)
			}
			if seen[topic] {
				p.add(string(a.Code), "two successors have the topic %q", topic)
			}
			seen[topic] = true
		}
	}
}

// tree checks that every parent exists and that nobody is below itself.
func (p *problems) tree(codes []string, parents map[string]string) {
	for _, code := range codes {
		parent := parents[code]
		if _, ok := parents[parent]; parent != "" && !ok {
			p.add(code, "the parent %q is unknown", parent)
			continue
		}
		for range codes {
			if parent == code {
				p.add(code, "is below itself")
				break
			}
			parent = parents[parent]
		}
	}
}

// shared checks that nobody bears the name of another at the same time.
func (p *problems) shared(index nameIndex, valid map[string]civic.Period) {
	for _, name := range slices.Sorted(maps.Keys(index)) {
		codes := index[name]
		for i, a := range codes {
			for _, b := range codes[i+1:] {
				if overlap(valid[a], valid[b]) {
					p.add(a, "the name %q belongs to %s, too", name, b)
				}
			}
		}
	}
}

// overlap reports whether two periods have an instant in common.
func overlap(a, b civic.Period) bool {
	return (a.Until.IsZero() || b.From.IsZero() || b.From.Before(a.Until)) &&
		(b.Until.IsZero() || a.From.IsZero() || a.From.Before(b.Until))
}

func checkAreas(d *Data) []error {
	p := &problems{file: areasFile}
	valid := map[string]civic.Period{}
	var codes []string
	for _, a := range d.Registry.Areas {
		code := string(a.Code)
		codes = append(codes, code)
		valid[code] = a.Valid
		p.named(code, "the name", a.Names)
		p.period(code, a.Valid)
		if a.Source == "" {
			p.add(code, "the source is missing")
		}
	}
	p.coded(areaCode, codes)
	p.shared(d.areas, valid)
	return p.list
}

func checkTopics(topics []civic.Topic) []error {
	p := &problems{file: topicsFile}
	parents := map[string]string{}
	var codes []string
	for _, t := range topics {
		code := string(t.Code)
		codes = append(codes, code)
		parents[code] = string(t.Parent)
		p.named(code, "the name", t.Names)
		p.period(code, t.Valid)
		if t.Description == "" {
			p.add(code, "the description is missing")
		}
	}
	p.coded(kebab, codes)
	p.tree(codes, parents)
	for _, code := range codes {
		if parents[parents[code]] != "" {
			p.add(code, "is on a third level; topics have two")
		}
	}
	return p.list
}

func checkCalendar(days []civic.CalendarDay) []error {
	p := &problems{file: calendarFile}
	for _, d := range days {
		code := fmt.Sprintf("%04d-%02d-%02d", d.Date.Year, int(d.Date.Month), d.Date.Day)
		p.named(code, "the name", d.Name)
		if d.Certainty != civic.Provisional && d.Certainty != civic.Decided {
			p.add(code, "the certainty %q is neither provisional nor decided", d.Certainty)
		}
		if d.Source == "" {
			p.add(code, "the source is missing")
		}
	}
	if _, err := worktime.New(days); err != nil {
		p.list = append(p.list, fmt.Errorf("%s: %w", calendarFile, err))
	}
	return p.list
}

func checkLimits(l civic.Limits) []error {
	p := &problems{file: limitsFile}
	all := map[string]civic.Limit{"receive": l.Receive, "forward": l.Forward, "answer": l.Answer, "information": l.Information, "opinion": l.Opinion,
		"guardian.consent": l.Guardian.Consent, "guardian.reminder": l.Guardian.Reminder}
	for kind, own := range l.PerKind {
		all["per_kind."+string(kind)] = own
		if !slices.Contains(civic.Kinds, kind) {
			p.add("per_kind", "the kind %q is unknown", kind)
		}
	}
	if len(l.Privacy.PerKind) > 0 {
		all["privacy.first_reply"], all["privacy.extension"] = l.Privacy.FirstReply, l.Privacy.Extension
		for _, kind := range civic.PrivacyKinds { // a kind that is missing has no clock
			all["privacy.per_kind."+string(kind)] = l.Privacy.PerKind[kind]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if limit := all[name]; !slices.Contains(civic.ClockTypes, limit.Clock) {
			p.add(name, "the clock %q is unknown", limit.Clock)
		} else if limit.Amount < 1 || limit.Amount > maxAmount {
			p.add(name, "the amount %d is not between 1 and %d", limit.Amount, maxAmount)
		}
	}
	if l.Opinion.Clock != civic.WorkingDays || l.Opinion.Amount > civic.MaxOpinionDays { // offices answer in working days
		p.add("opinion", "is not at most %d working days", civic.MaxOpinionDays)
	}
	if l.Pauses.Count < 1 || l.Pauses.Days < 1 || l.Pauses.Days > maxAmount {
		p.add("pauses", "count is not at least 1, or days not between 1 and %d", maxAmount)
	}
	if l.Source == "" {
		p.add("source", "is missing")
	}
	return p.list
}

// checkRules checks what routing cannot know, lets it check and compile the
// rest, and keeps the result.
func checkRules(d *Data) []error {
	p := &problems{file: rulesFile}
	rules := make([]routing.Rule, len(d.Rules))
	for i, r := range d.Rules {
		rules[i] = r.routing()
		if !kebab.MatchString(r.ID) {
			p.add(r.ID, "the id is not of the form %s", kebab)
		}
		if a, ok := d.Registry.Agency(r.Agency); !ok || !a.Receives {
			p.add(r.ID, "the agency %q is unknown or receives nothing", r.Agency)
		}
		if r.Note == "" {
			p.add(r.ID, "the note is missing")
		}
	}
	set, err := routing.CompileRules(rules)
	if err != nil {
		p.list = append(p.list, fmt.Errorf("%s: %w", rulesFile, err))
	}
	d.RuleSet = set
	return p.list
}

func checkRejections(reasons []civic.RejectionReason) []error {
	p := &problems{file: rejectionsFile}
	var codes []string
	for _, r := range reasons {
		codes = append(codes, r.Code)
		p.named(r.Code, "the name", r.Names)
		p.named(r.Code, "the message", r.Message)
		if len(r.Belongs) > 0 {
			p.named(r.Code, "where it belongs", r.Belongs)
		}
	}
	p.coded(snake, codes)
	if len(reasons) == 0 {
		p.add("reason", "there is none, and nothing could be rejected")
	}
	return p.list
}
