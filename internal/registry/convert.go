package registry

import (
	"slices"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/routing"
)

// data turns the rows into the types of the domain, unchecked.
func (f *files) data() *Data {
	reg := &civic.Registry{Limits: f.convertLimits(), Reminders: f.reminders.civic()}
	for _, r := range f.agencies.Rows {
		reg.Agencies = append(reg.Agencies, r.civic())
	}
	for _, r := range f.areas.Rows {
		reg.Areas = append(reg.Areas, civic.Area{
			Code: civic.AreaCode(r.Code), Names: r.Name.civic(), Aliases: r.Aliases, Valid: r.period(), Source: r.Source,
		})
	}
	for _, r := range f.topics.Rows {
		reg.Topics = append(reg.Topics, civic.Topic{
			Code: civic.TopicCode(r.Code), Parent: civic.TopicCode(r.Parent), Names: r.Name.civic(),
			Description: oneLine(r.Description), Valid: r.period(),
		})
	}
	for _, r := range f.calendar.Rows {
		reg.Calendar = append(reg.Calendar, civic.CalendarDay{
			Date: date(r.Date), Kind: civic.DayKind(r.Kind), Name: r.Name.civic(),
			Certainty: civic.Certainty(r.Certainty), Source: r.Source,
		})
	}
	d := &Data{Registry: reg, Holdings: f.convertHoldings(), agencies: indexAgencies(reg.Agencies), areas: indexAreas(reg.Areas)}
	for _, r := range f.rules.Rows {
		d.Rules = append(d.Rules, Rule{
			ID: r.ID, Version: r.Version, Name: r.Name, Agency: civic.AgencyCode(r.Agency), When: oneLine(r.When),
			Note: r.Note, Owner: r.Owner, Valid: r.period(),
		})
		reg.RuleNames = append(reg.RuleNames, civic.Names{civic.Vietnamese: r.Name, civic.English: r.English})
	}
	for _, r := range f.rejections.Rows {
		d.Rejections = append(d.Rejections, civic.RejectionReason{
			Code: r.Code, Names: r.Name.civic(), Message: r.Message.civic(), Belongs: r.Belongs.civic(), Link: r.Link,
		})
	}
	reg.Rejections, reg.Holdings = d.Rejections, d.Holdings
	reg.OtherChannels = f.scope.channels()
	return d
}

func (r agencyRow) civic() civic.Agency {
	a := civic.Agency{
		Code: civic.AgencyCode(r.Code), Parent: civic.AgencyCode(r.Parent), Names: r.Name.civic(), Aliases: r.Aliases,
		Competence: oneLine(r.Competence), Area: civic.AreaCode(r.Area), Email: r.Email, Receives: r.Receives, Valid: r.period(), Source: r.Source,
	}
	for _, s := range r.Successors {
		a.Successors = append(a.Successors, civic.AgencyCode(s))
	}
	for _, s := range r.Succession {
		heir := civic.Succession{Agency: civic.AgencyCode(s.Agency)}
		for _, topic := range s.Topics {
			heir.Topics = append(heir.Topics, civic.TopicCode(topic))
		}
		a.Succession = append(a.Succession, heir)
		if !slices.Contains(a.Successors, heir.Agency) {
			a.Successors = append(a.Successors, heir.Agency)
		}
	}
	return a
}

// routing is the rule as the engine takes it.
func (r Rule) routing() routing.Rule {
	return routing.Rule{
		ID: r.ID, Version: r.Version, Name: r.Name, When: r.When, Agency: string(r.Agency),
		ValidFrom: r.Valid.From, ValidTo: r.Valid.Until, Owner: r.Owner, Note: r.Note,
	}
}

func (f *files) convertLimits() civic.Limits {
	l := civic.Limits{
		Receive: f.limits.Receive.civic(), Forward: f.limits.Forward.civic(), Answer: f.limits.Answer.civic(),
		Information: f.limits.Information.civic(), Opinion: f.limits.Opinion.civic(), Source: f.limits.Source,
	}
	if l.Opinion == (civic.Limit{}) { // a registry older than opinions
		l.Opinion = civic.DefaultOpinionLimit
	}
	if l.Pauses = civic.PauseLimit(f.limits.Pauses); l.Pauses == (civic.PauseLimit{}) { // or older than these
		l.Pauses = civic.DefaultPauseLimit
	}
	for kind, own := range f.limits.PerKind {
		if l.PerKind == nil {
			l.PerKind = map[civic.Kind]civic.Limit{}
		}
		l.PerKind[civic.Kind(kind)] = own.civic()
	}
	if len(f.limits.Privacy.PerKind) > 0 {
		l.Privacy = civic.PrivacyLimits{
			FirstReply: f.limits.Privacy.FirstReply.civic(), Extension: f.limits.Privacy.Extension.civic(), PerKind: map[civic.PrivacyKind]civic.Limit{},
		}
		for kind, limit := range f.limits.Privacy.PerKind {
			l.Privacy.PerKind[civic.PrivacyKind(kind)] = limit.civic()
		}
	}
	l.Guardian = civic.GuardianLimits{Consent: f.limits.Guardian.Consent.civic(), Reminder: f.limits.Guardian.Reminder.civic()}
	l.Guardian = l.ForGuardian() // a registry may be older than these
	return l
}

// oneLine undoes the line breaks that make the files readable.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
