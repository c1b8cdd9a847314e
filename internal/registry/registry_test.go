package registry_test

import (
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hienke/configs"
	"hienke/internal/civic"
	"hienke/internal/registry"
	"hienke/internal/search"
)

// today is a day on which the delivered registry is in force.
var today = civic.Date{Year: 2026, Month: time.November, Day: 23}.Start()

// delivered loads the registry that the program is delivered with.
func delivered(t *testing.T) *registry.Data {
	t.Helper()
	d, err := registry.Load(configs.Registry())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDeliveredRegistryLoads(t *testing.T) {
	t.Parallel()
	d := delivered(t)
	for what, n := range map[string]int{
		"agencies": len(d.Registry.Agencies), "topics": len(d.Registry.Topics), "areas": len(d.Registry.Areas),
		"days": len(d.Registry.Calendar), "rules": len(d.Rules), "rejections": len(d.Rejections),
	} {
		if n == 0 {
			t.Errorf("no %s", what)
		}
	}
}

func TestEveryDeliveredRuleHasANameInEachLanguage(t *testing.T) {
	t.Parallel()
	d := delivered(t)
	if len(d.Registry.RuleNames) != len(d.Rules) {
		t.Errorf("%d names of %d rules", len(d.Registry.RuleNames), len(d.Rules))
	}
	for _, r := range d.Rules {
		if names := d.Registry.RuleName(r.Name); names["vi"] != r.Name || names["en"] == "" {
			t.Errorf("%s is called %v", r.ID, names)
		}
	}
}

func TestTheGovernmentIsWhole(t *testing.T) {
	t.Parallel()
	reg := delivered(t).Registry
	ministries, committees := 0, 0
	areas := map[civic.AreaCode]bool{}
	for _, a := range reg.AgenciesAt(today) {
		if a.Parent == "chinh-phu" && strings.HasPrefix(a.Names[civic.Vietnamese], "Bộ ") {
			ministries++
		}
		if a.Area != "" {
			committees++
			areas[a.Area] = true
		}
	}
	if ministries != 14 {
		t.Errorf("%d ministries, want 14", ministries)
	}
	if committees != 34 || len(areas) != 34 || len(reg.AreasAt(today)) != 34 {
		t.Errorf("%d committees for %d of %d areas, want 34 of each", committees, len(areas), len(reg.AreasAt(today)))
	}
}

func TestTheCalendarIsWhole(t *testing.T) {
	t.Parallel()
	perYear := map[int]int{}
	for _, d := range delivered(t).Registry.Calendar {
		if d.Kind == civic.Holiday {
			perYear[d.Date.Year]++
		}
	}
	// Article 112: 1 for the new year, 5 for Tết, 1 each for the Hung Kings, 30
	// April and 1 May, 2 for National Day.
	if want := map[int]int{2025: 11, 2026: 11, 2027: 11}; !maps.Equal(perYear, want) {
		t.Errorf("holidays %v, want %v", perYear, want)
	}
}

func TestTheLimitsAreTheDefaults(t *testing.T) {
	t.Parallel()
	got := delivered(t).Registry.Limits
	day := func(n int) civic.Limit { return civic.Limit{Clock: civic.WorkingDays, Amount: n} }
	if got.Receive != day(2) || got.Forward != day(5) || got.AnswerFor(civic.Initiative) != day(15) || got.Information != day(10) || got.Opinion != day(5) || got.Pauses != (civic.PauseLimit{Count: 3, Days: 20}) {
		t.Errorf("limits %+v", got)
	}
}

func TestResolveAgency(t *testing.T) {
	t.Parallel()
	d := delivered(t)
	merger := civic.Date{Year: 2025, Month: time.March, Day: 1}.Start()
	before := merger.AddDate(0, 0, -1)
	tests := []struct {
		name, text string
		at         time.Time
		want       civic.AgencyCode
	}{
		{"knows the name", "Bộ Khoa học và Công nghệ", today, "bo-khoa-hoc-cong-nghe"},
		{"knows it without accents", "bo khoa hoc va cong nghe", today, "bo-khoa-hoc-cong-nghe"},
		{"knows it in English", "Ministry of Science and Technology", today, "bo-khoa-hoc-cong-nghe"},
		{"knows the code", "bo-khoa-hoc-cong-nghe", today, "bo-khoa-hoc-cong-nghe"},
		{"knows the short form", "Bộ KH&CN", today, "bo-khoa-hoc-cong-nghe"},
		{"knows it in any punctuation", " bộ KH-CN. ", today, "bo-khoa-hoc-cong-nghe"},
		{"knows it decomposed", "Bộ Y tế", today, "bo-y-te"},
		{"takes the successor of a ministry that ended", "Bộ TT&TT", today, "bo-khoa-hoc-cong-nghe"},
		{"takes the ministry itself while it lasted", "Bộ Giao thông vận tải", before, "bo-giao-thong-van-tai"},
		{"takes the successor from its first instant", "Bộ Giao thông vận tải", merger, "bo-xay-dung"},
		{"takes the old ministry until the last second", "Bộ Giao thông vận tải", merger.Add(-time.Second), "bo-giao-thong-van-tai"},
		{"takes no side between several successors", "Bộ LĐ-TB&XH", today, ""},
		{"knows a province by its former one", "UBND tỉnh Hà Giang", today, "ubnd-tuyen-quang"},
		{"knows either place of the tone mark", "UBND tỉnh Khánh Hoà", today, "ubnd-khanh-hoa"},
		{"knows Đồng Nai by its former rank", "UBND tỉnh Đồng Nai", today, "ubnd-dong-nai"},
		{"is not fooled by a sentence", "Gửi Bộ Y tế", today, ""},
		{"knows nothing of nothing", " ", today, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := d.ResolveAgency(tt.text, tt.at)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("ResolveAgency(%q) = %q, %v, want %q", tt.text, got, ok, tt.want)
			}
		})
	}
}

func TestResolveArea(t *testing.T) {
	t.Parallel()
	d := delivered(t)
	for text, want := range map[string]civic.AreaCode{
		"79": "79", "TP.HCM": "79", "tp hcm": "79", "Sài Gòn": "79", "Bình Dương": "79", "Tỉnh Bà Rịa – Vũng Tàu": "79",
		"Hà Nội": "01", "Hanoi": "01", "Thừa Thiên Huế": "46", "Hoà Bình": "25", "Tỉnh Đồng Nai": "75", "Thành phố Đồng Nai": "75",
		"Daklak": "66", "Atlantis": "",
	} {
		if got, ok := d.ResolveArea(text, today); got != want || ok != (want != "") {
			t.Errorf("ResolveArea(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
}

// small is the least that loads; tests break it one file at a time.
func small() fstest.MapFS {
	files := map[string]string{
		"agencies.toml": `
[[agency]]
code = "root"
name = { vi = "Gốc", en = "Root" }
source = "s"
[[agency]]
code = "leaf"
parent = "root"
name = { vi = "Lá", en = "Leaf" }
aliases = ["L&L"]
area = "01"
receives = true
competence = "việc"
source = "s"
`,
		"areas.toml":    "[[area]]\ncode = \"01\"\nname = { vi = \"Nơi\", en = \"Place\" }\nsource = \"s\"\n",
		"topics.toml":   "[[topic]]\ncode = \"t\"\nname = { vi = \"Việc\", en = \"Thing\" }\ndescription = \"d\"\n",
		"calendar.toml": "[[day]]\ndate = 2026-01-01\nkind = \"holiday\"\nname = { vi = \"Tết\", en = \"New Year\" }\ncertainty = \"decided\"\nsource = \"s\"\n",
		"limits.toml": "source = \"s\"\nreceive = { clock = \"working_days\", amount = 2 }\nforward = { clock = \"working_days\", amount = 5 }\n" +
			"answer = { clock = \"calendar_days\", amount = 15 }\ninformation = { clock = \"working_hours\", amount = 10 }\n",
		"rules.toml":         "[[rule]]\nid = \"r\"\nversion = 1\nname = \"n\"\nagency = \"leaf\"\nwhen = \"has('a b')\"\nnote = \"n\"\nowner = \"o\"\n",
		"rejections.toml":    "[[reason]]\ncode = \"spam\"\nname = { vi = \"Rác\", en = \"Spam\" }\nmessage = { vi = \"Rác.\", en = \"Spam.\" }\n",
		"personal_data.toml": "[[holding]]\ncode = \"contact\"\nname = { vi = \"a\", en = \"b\" }\nwhere = { vi = \"a\", en = \"b\" }\nwhy = { vi = \"a\", en = \"b\" }\nbasis = { vi = \"a\", en = \"b\" }\nkept = { vi = \"a\", en = \"b\" }\nseen_by = { vi = \"a\", en = \"b\" }\n",
		"synonyms.toml":      "[[synonym]]\nnames = [\"CNTT\", \"công nghệ thông tin\"]\nsource = \"s\"\n",
		"scope.toml": "least = 0.6\ntitle_factor = 1.5\nbias = { spam = 0.5 }\n[[channel]]\ncode = \"far\"\nverdict = \"other_channel\"\nreason = \"spam\"\n" +
			"certainty = \"decided\"\nsource = \"s\"\nname = { vi = \"Xa\", en = \"Far\" }\nmessage = { vi = \"Đó.\", en = \"There.\" }\naddress = { vi = \"Đó\", en = \"There\" }\n" +
			"[[cue]]\ngroup = \"g\"\nverdict = \"spam\"\nweight = 1.0\nchannel = \"far\"\nphrases = [\"nhà cái\"]\n",
	}
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestLoadTakesTheLeast(t *testing.T) {
	t.Parallel()
	if _, err := registry.Load(small()); err != nil {
		t.Fatal(err)
	}
}

// withAgencies is small with the agencies given.
func withAgencies(agencies string) fstest.MapFS {
	files := small()
	files["agencies.toml"] = &fstest.MapFile{Data: []byte(agencies)}
	files["rules.toml"] = &fstest.MapFile{}
	return files
}

const (
	ended = "[[agency]]\ncode = \"first\"\nname = { vi = \"Cục\", en = \"Office\" }\nsource = \"s\"\nuntil = 2025-03-01\nsuccessors = [\"second\"]\n"
	heir  = "[[agency]]\ncode = \"second\"\nname = { vi = \"Vụ\", en = \"Bureau\" }\naliases = [\"Cục\"]\nsource = \"s\"\nfrom = 2025-03-01\nuntil = 2026-01-01\nsuccessors = [\"third\"]\n"
	third = "[[agency]]\ncode = \"third\"\nname = { vi = \"Ban\", en = \"Board\" }\nsource = \"s\"\nfrom = 2026-01-01\n"
)

func TestANamePassesToTheNextBearer(t *testing.T) {
	t.Parallel()
	nameless := strings.Replace(heir, "aliases = [\"Cục\"]\n", "", 1)
	for _, agencies := range []string{ended + heir + third, heir + ended + third, ended + nameless + third} {
		d, err := registry.Load(withAgencies(agencies))
		if err != nil {
			t.Fatal(err)
		}
		for at, want := range map[time.Time]civic.AgencyCode{
			today:                   "third", // by way of the second
			today.AddDate(-1, 0, 0): "second",
			today.AddDate(-2, 0, 0): "first",
		} {
			if got, ok := d.ResolveAgency("cục", at); got != want || !ok {
				t.Errorf("at %v the name belongs to %q, want %q", at, got, want)
			}
		}
	}
}

func TestACircleOfSuccessorsEnds(t *testing.T) {
	t.Parallel()
	circle := strings.Replace(ended, `"second"`, `"first"`, 1)
	d, err := registry.Load(withAgencies(circle))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := d.ResolveAgency("cục", today); ok {
		t.Errorf("the name belongs to %q", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, old, new, want string }{
		{"a key that nobody knows", "agencies.toml", `area = "01"`, `aera = "01"`, `agencies.toml:11:1: unknown key "agency.aera"`},
		{"what is not TOML", "areas.toml", "code =", "code", "areas.toml:2"},
		{"a wrong type", "limits.toml", "amount = 2", `amount = "two"`, "limits.toml:2"},
		{"an unknown parent", "agencies.toml", `parent = "root"`, `parent = "rot"`, `leaf: the parent "rot" is unknown`},
		{"an agency below itself", "agencies.toml", `code = "root"`, "code = \"root\"\nparent = \"leaf\"", "root: is below itself"},
		{"a code that is there twice", "agencies.toml", `code = "leaf"`, `code = "root"`, "root: the code is there twice"},
		{"a code in another form", "agencies.toml", `code = "root"`, `code = "Root!"`, "Root!: the code is not of the form"},
		{"an alias that another agency has", "agencies.toml", `"L&L"`, `"gốc"`, `root: the name "goc" belongs to leaf, too`},
		{"a missing Vietnamese name", "agencies.toml", `vi = "Lá", `, "", `leaf: the name is missing in "vi"`},
		{"an unknown area", "agencies.toml", `area = "01"`, `area = "02"`, `leaf: the area "02" is unknown`},
		{"a receiver without a competence", "agencies.toml", `competence = "việc"`, "", "leaf: receives submissions but has no competence"},
		{"a mail address that is none", "agencies.toml", `area = "01"`, `email = "Lá <la@example.vn>"`, `leaf: "Lá <la@example.vn>" is not the address of a mailbox`},
		{"a missing source", "agencies.toml", "source = \"s\"\n[[agency]]", "[[agency]]", "root: the source is missing"},
		{"an unknown successor", "agencies.toml", `area = "01"`, "successors = [\"x\"]\nuntil = 2026-01-01", `leaf: the successor "x" is unknown`},
		{"a successor of what goes on", "agencies.toml", `area = "01"`, `successors = ["root"]`, "leaf: has successors but does not end"},
		{"a topic of a successor that nobody knows", "agencies.toml", "[[agency]]\ncode = \"leaf\"", "until = 2026-01-01\n[[agency.successor]]\nagency = \"leaf\"\ntopics = [\"x\"]\n[[agency]]\ncode = \"leaf\"", `root: the topic "x" of a successor is unknown`},
		{"a topic with two successors", "agencies.toml", "[[agency]]\ncode = \"leaf\"", "until = 2026-01-01\n[[agency.successor]]\nagency = \"leaf\"\n[[agency.successor]]\nagency = \"root\"\n[[agency]]\ncode = \"leaf\"", `root: two successors have the topic ""`},
		{"a validity that ends before it begins", "agencies.toml", `area = "01"`, "from = 2026-01-02\nuntil = 2026-01-01", "leaf: ends before it begins"},
		{"an area code that is not two digits", "areas.toml", `"01"`, `"1"`, "1: the code is not of the form"},
		{"a topic without description", "topics.toml", `description = "d"`, "", "t: the description is missing"},
		{"a topic below itself", "topics.toml", `code = "t"`, "code = \"t\"\nparent = \"t\"", "t: is below itself"},
		{"a calendar that contradicts the week", "calendar.toml", "holiday", "working_day", "calendar.toml: 2026-01-01 is a working day already"},
		{"a day that does not exist", "calendar.toml", "2026-01-01", "2026-02-30", "calendar.toml"},
		{"an unknown certainty", "calendar.toml", "decided", "rumoured", `2026-01-01: the certainty "rumoured"`},
		{"an unknown clock", "limits.toml", "calendar_days", "moons", `answer: the clock "moons" is unknown`},
		{"an amount of nothing", "limits.toml", "amount = 5", "amount = 0", "forward: the amount 0"},
		{"a limit for an unknown kind", "limits.toml", "source", "per_kind = { wish = { clock = \"working_days\", amount = 1 } }\nsource", `the kind "wish" is unknown`},
		{"a rule for an unknown agency", "rules.toml", `"leaf"`, `"lief"`, `r: the agency "lief" is unknown`},
		{"a rule for an agency that receives nothing", "rules.toml", `"leaf"`, `"root"`, `r: the agency "root" is unknown or receives nothing`},
		{"a rule without version", "rules.toml", "version = 1", "", "rule r version 0: bad rule: version"},
		{"a rule without owner", "rules.toml", `owner = "o"`, "", "owner is missing"},
		{"a rule without note", "rules.toml", `note = "n"`, "", "r: the note is missing"},
		{"a rule that does not compile", "rules.toml", "has('a b')", "has(", "rules.toml: rule r version 1: bad rule: condition"},
		{"a rejection without message", "rejections.toml", `vi = "Rác.", `, "", `spam: the message is missing in "vi"`},
		{"a synonym without source", "synonyms.toml", `source = "s"`, "", "CNTT, công nghệ thông tin: a row needs names and a source"},
		{"a synonym of one name", "synonyms.toml", `"CNTT", `, "", `"công nghệ thông tin" stands for 0 other names`},
		{"a synonym that is no word", "synonyms.toml", `"CNTT"`, `"&"`, `"&" is not of 1 to 10 words`},
		{"a channel for an unknown reason", "scope.toml", `reason = "spam"`, `reason = "junk"`, `far: the rejection reason "junk" is unknown`},
		{"a channel for what is in scope", "scope.toml", `"other_channel"`, `"in_scope"`, `far: the verdict "in_scope" sets nothing apart`},
		{"a channel without address", "scope.toml", `address = { vi = "Đó", en`, `address = { en`, `far: the address is missing in "vi"`},
		{"a channel that may be right", "scope.toml", `"decided"`, `"maybe"`, `far: the certainty "maybe"`},
		{"a channel without source", "scope.toml", `source = "s"`, "", "far: the source is missing"},
		{"a cue for an unknown channel", "scope.toml", `channel = "far"`, `channel = "fur"`, `g: the channel "fur" is unknown`},
		{"a cue for an unknown verdict", "scope.toml", `verdict = "spam"`, `verdict = "junk"`, `cue g: the verdict "junk" is unknown`},
		{"a bias for an unknown verdict", "scope.toml", "bias = { spam", "bias = { junk", `bias: the verdict "junk" is unknown`},
		{"a holding that goes with another", "personal_data.toml", "code = \"contact\"", "code = \"contact\"\nerased_with = \"contact\"", `contact: erased_with is for files alone`},
		{"a holding that says not why", "personal_data.toml", "why = { vi = \"a\", en = \"b\" }", "", `contact: why is missing in "vi"`},
		{"a request without a clock", "limits.toml", "source", "privacy = { per_kind = { see = { clock = \"working_days\", amount = 1 } } }\nsource", `privacy.per_kind.erase: the clock "" is unknown`},
		{"half a destination", "rejections.toml", "name =", "belongs = { vi = \"Kia\" }\nname =", `spam: where it belongs is missing in "en"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := small()
			before := string(files[tt.file].Data)
			after := strings.Replace(before, tt.old, tt.new, 1)
			if before == after {
				t.Fatalf("%q is not in %s", tt.old, tt.file)
			}
			files[tt.file] = &fstest.MapFile{Data: []byte(after)}
			d, err := registry.Load(files)
			if err == nil || !strings.Contains(err.Error(), tt.want) || d != nil {
				t.Errorf("Load = %v, want an error with %q and no data", err, tt.want)
			}
		})
	}
}

func TestLoadReportsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	files := small()
	for name, change := range map[string][2]string{
		"agencies.toml": {`parent = "root"`, `parent = "rot"`}, "limits.toml": {"amount = 5", "amount = 0"}, "rules.toml": {"version = 1", ""},
	} {
		files[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(files[name].Data), change[0], change[1], 1))}
	}
	_, err := registry.Load(files)
	for _, want := range []string{"agencies.toml: leaf", "limits.toml: forward", "rules.toml: rule r"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Load = %v, want a line with %q", err, want)
		}
	}
}

func TestLoadReportsEveryMissingFile(t *testing.T) {
	t.Parallel()
	_, err := registry.Load(fstest.MapFS{})
	var names []string
	if err := fs.WalkDir(configs.Registry(), ".", func(path string, d fs.DirEntry, err error) error {
		if !d.IsDir() && path != "reminders.toml" { // without it the steps hold that the program comes with
			names = append(names, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Load = %v, want %s named", err, name)
		}
	}
}

func TestEveryBodyAndProvinceThatEndedIsKnownToSearch(t *testing.T) {
	t.Parallel()
	data, err := registry.Load(configs.Registry())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{} // of what ended, to one by which it must be found now
	for _, a := range data.Registry.Agencies {
		if len(a.Successors) > 0 {
			now, _ := data.Registry.Agency(a.Successors[0])
			names[a.Names[civic.Vietnamese]] = now.Names[civic.Vietnamese]
		}
	}
	for _, a := range data.Registry.Areas {
		now := a.Names[civic.Vietnamese]
		for _, alias := range a.Aliases {
			if former, ok := strings.CutPrefix(alias, "Tỉnh "); ok && !strings.HasSuffix(now, former) {
				names[alias] = now
			}
		}
	}
	for was, is := range names {
		reading := search.Read(search.Document{Title: is})
		if !reading.Answers(&search.Query{Text: strings.TrimPrefix(was, "Tỉnh ")}, data.Thesaurus) && !reading.Answers(&search.Query{Text: was}, data.Thesaurus) {
			t.Errorf("%q does not find %q", was, is)
		}
	}
	if len(names) < 30 {
		t.Errorf("only %d names", len(names))
	}
}
