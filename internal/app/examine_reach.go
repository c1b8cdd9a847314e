package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/mail/smtpmail"
	"hienke/internal/notices"
	"hienke/internal/sms/httpsms"
	"hienke/internal/store"
)

// keptShown bounds how many unsent messages are counted.
const keptShown = 1000

// examineMail signs in to the mail server, and counts what was not sent.
func (a *App) examineMail(ctx context.Context) Check {
	c := Check{Name: "mail", Finding: a.Config.Mail.Host}
	kept, err := a.kept(ctx)
	if err != nil {
		c.Err = err
		return c
	}
	sender, err := a.sender()
	if server, ok := sender.(*smtpmail.Sender); ok && err == nil {
		if err = server.Ping(ctx); err != nil {
			c.Advice = "Check mail.host, port, tls, user and password. Until the server answers mails wait."
		}
	} else if err == nil {
		c.Warning, c.Finding = true, "no server is configured"
		c.Advice = "Receipts and answers are kept as not sent, and staff see them."
	}
	c.Err = err
	if n := len(kept); n > 0 {
		c.Finding += fmt.Sprintf("; %d messages were not sent", n)
		if n == keptShown {
			c.Finding += " or more"
		}
	}
	return c
}

// kept are the newest messages that were not sent.
func (a *App) kept(ctx context.Context) (list []civic.Message, err error) {
	err = a.Store.View(ctx, func(tx store.Tx) error {
		list, err = tx.Messages().ListByState(ctx, civic.MessageNotSent, keptShown)
		return err
	})
	return list, err
}

// examineBounces tells where mails return that could not be delivered, and how
// many of them came to our notice.
func (a *App) examineBounces(ctx context.Context) Check {
	c := Check{Name: "bounces", Finding: a.Config.Mail.ReturnPath}
	switch {
	case a.Config.Mail.Host == "":
		c.Finding = "no mail is sent"
		return c
	case a.Config.Mail.ReturnPath == "":
		c.Warning, c.Finding = true, "reports go to the sender's address"
		c.Advice = "An address that is dead is not noticed: set mail.return_path, and pipe what arrives there into hienke bounce."
		return c
	}
	kept, err := a.kept(ctx)
	if c.Err = err; err != nil {
		return c
	}
	n := 0
	for _, m := range kept {
		if m.Reason == notices.ReasonBounced {
			n++
		}
	}
	c.Finding += fmt.Sprintf("; %d reports noted", n)
	if n == 0 {
		c.Advice = "Send a mail to an address that does not exist, once, to see that its report reaches hienke bounce."
	}
	return c
}

// examineTexts asks the gateway for short messages whether it is there.
func (a *App) examineTexts(ctx context.Context) Check {
	c := Check{Name: "sms", Finding: "no gateway is configured"}
	set := a.Config.SMS
	if set.URL == "" {
		c.Advice = "What is for senders with a telephone only is kept, and staff see it."
		return c
	}
	u, err := url.Parse(set.URL)
	if err != nil {
		c.Err = errors.New("sms.url is no address")
		return c
	}
	c.Finding = u.Scheme + "://" + u.Host // what follows may hold a secret
	gateway, err := httpsms.New(httpsms.Config{URL: set.URL, Secret: set.Secret, Body: set.Body})
	if err == nil {
		err = gateway.Ping(ctx)
	}
	var advice []string
	switch {
	case errors.Is(err, httpsms.ErrSecret):
		c.Err, advice = err, append(advice, "Check sms.secret.")
	case errors.Is(err, httpsms.ErrMoved):
		c.Err, advice = err, append(advice, "Set sms.url to where it is now: numbers are not handed on to where an answer points.")
	case err != nil:
		c.Err, advice = err, append(advice, "Check sms.url. Until the gateway answers short messages wait.")
	}
	if set.Secret == "" && set.Body == "" && u.RawQuery == "" && u.User == nil {
		c.Warning = true
		advice = append(advice, "No secret is set: either everybody may send through this gateway, or it refuses us. Set sms.secret.")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		c.Warning = true
		advice = append(advice, "Telephone numbers go there in the clear: use https.")
	}
	c.Advice = strings.Join(advice, " ")
	return c
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// examineErasures looks whether what was erased stays erased: the ledger can be
// written, read to its last line, and nothing that it names is there again.
func (a *App) examineErasures(ctx context.Context) Check {
	c := Check{Name: "erasures"}
	l := a.erasures()
	if l == nil {
		c.Finding = "noted nowhere"
		c.Err = errors.New("keys.erasures is not set: a backup that is restored brings back the people whose data were erased")
		c.Advice = "Set it to a file that all processes share, apart from the backups."
		return c
	}
	if c.Err = l.Writable(); c.Err != nil {
		c.Finding, c.Advice = l.path, "Nobody's data can be erased until it can be written: check keys.erasures and its permissions."
		return c
	}
	all, damaged, err := l.read()
	if err != nil {
		c.Finding, c.Err = l.path, err
		return c
	}
	c.Finding = fmt.Sprintf("%s, %d lines", l.path, len(all))
	var advice []string
	if len(damaged) > 0 {
		c.Warning = true
		advice = append(advice, fmt.Sprintf("Lines %s cannot be read and erase nothing. One that a crash cut off may stay: nothing was erased for it. Compare others with a copy.", some(damaged)))
	}
	if c.Err = a.restored(ctx); c.Err != nil {
		advice = append(advice, "A backup was restored beside a running server: restart, and each start erases what the ledger names.")
	}
	switch {
	case a.Config.Keys.Erasures != "":
	case a.Config.ScaledOut():
		c.Warning = true
		advice = append(advice, "It lies in this machine's data folder, and other processes do not see it: set keys.erasures to a file that all share, apart from the backups.")
	default:
		advice = append(advice, "It lies in the data folder and grows old with a backup of it: keep a copy apart, or set keys.erasures.")
	}
	c.Advice = strings.Join(advice, " ")
	return c
}

// restored fails where something is there again of which the ledger says that
// it was erased.
func (a *App) restored(ctx context.Context) error {
	contacts, err := a.Reach.Restored(ctx)
	if err != nil {
		return err
	}
	cases, err := a.Privacy.Restored(ctx)
	if err != nil {
		return err
	}
	follows, err := a.Following.Restored(ctx)
	if err != nil {
		return err
	}
	var again []string
	if len(contacts) > 0 {
		again = append(again, "the contacts of "+some(contacts))
	}
	if len(cases) > 0 {
		again = append(again, "the texts of "+some(cases))
	}
	if n := len(follows); n > 0 {
		again = append(again, fmt.Sprintf("%d follows of people who stopped", n))
	}
	if len(again) > 0 {
		return fmt.Errorf("what was erased is there again: %s", strings.Join(again, ", "))
	}
	return nil
}

// namedInAdvice is how many of a list a person is told: more are looked up.
const namedInAdvice = 5

// some names the first of a list, and how many more there are.
func some[T any](list []T) string {
	var names []string
	for _, v := range list[:min(len(list), namedInAdvice)] {
		names = append(names, fmt.Sprint(v))
	}
	out := strings.Join(names, ", ")
	if more := len(list) - namedInAdvice; more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}
