package attachments_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
	_ "gocloud.dev/blob/s3blob" // opens s3://

	"hienke/internal/attachments"
	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/clamd"
	"hienke/internal/drafts"
	"hienke/internal/errs"
	"hienke/internal/inspect"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/files"
	"hienke/internal/testkit/house"
)

// cabinet is attachments in a house.
type cabinet struct {
	*house.House
	s      *attachments.Service
	drafts *drafts.Service
}

func newCabinet(t *testing.T, h *house.House) *cabinet {
	t.Helper()
	bucket := memblob.OpenBucket(nil)
	inspector := &inspect.Inspector{}
	t.Cleanup(func() {
		if err := errors.Join(bucket.Close(), inspector.Close()); err != nil {
			t.Error(err)
		}
	})
	return &cabinet{h,
		&attachments.Service{
			Store: h.Store, Registry: h.Registry, Keys: h.Keys, Bucket: bucket, Now: h.Clock.Now, NewRef: rand.Text,
			Limits: attachments.Limits{Count: 3, Size: 3 << 20, Total: 5 << 20}, Inspect: inspector.Inspect,
		},
		&drafts.Service{Store: h.Store, Keys: h.Keys, Now: h.Clock.Now, NewToken: rand.Text},
	}
}

func on(t *testing.T, run func(t *testing.T, c *cabinet)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) { run(t, newCabinet(t, h)) })
	t.Run("with an S3 bucket", func(t *testing.T) {
		t.Parallel()
		c := newCabinet(t, house.New(t))
		bucket, err := blob.OpenBucket(t.Context(), testkit.S3(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := bucket.Close(); err != nil {
				t.Error(err)
			}
		})
		c.s.Bucket = bucket
		run(t, c)
	})
}

func (c *cabinet) draft(t *testing.T) (attachments.Owner, string) {
	t.Helper()
	d, err := c.drafts.Begin(t.Context(), map[string]string{"title": "x"})
	if err != nil {
		t.Fatal(err)
	}
	return attachments.OfDraft(d.Token), d.Token
}

func (c *cabinet) sender(t *testing.T) (attachments.Owner, civic.Submission) {
	t.Helper()
	sub := c.Receive(t, nil)
	return attachments.OfSender(civic.SenderOf(sub.ID), sub.Code), sub
}

func (c *cabinet) put(t *testing.T, o attachments.Owner, name string, content []byte) civic.Attachment {
	t.Helper()
	a, err := c.s.Put(t.Context(), o, name, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// check does the jobs that wait.
func (c *cabinet) check(t *testing.T) error {
	t.Helper()
	var all error
	for _, j := range c.Jobs(t, store.JobCheck) {
		if j.DoneAt.IsZero() {
			all = errors.Join(all, c.s.Check(t.Context(), j.ID, civic.AttachmentID(j.Subject)))
		}
	}
	return all
}

func (c *cabinet) list(t *testing.T, o attachments.Owner) []civic.Attachment {
	t.Helper()
	list, err := c.s.List(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// blobs are the keys in the bucket.
func (c *cabinet) blobs(t *testing.T) (keys []string) {
	t.Helper()
	for it := c.s.Bucket.List(nil); ; {
		o, err := it.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return keys
		}
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, o.Key)
	}
}

func is(t *testing.T, err error, code string) {
	t.Helper()
	if (err == nil) != (code == "") || err != nil && errs.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestTheWayOfAFile(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, c *cabinet) {
		o, _ := c.draft(t)
		photo := files.JPEG()
		a := c.put(t, o, `C:\ảnh\Ảnh chụp.PNG`, photo)
		if a.State != civic.FileWaiting || a.Name != "Ảnh chụp.PNG" || a.Size != int64(len(photo)) {
			t.Errorf("received as %+v", a)
		}
		for _, key := range c.blobs(t) {
			b, err := c.s.Bucket.ReadAll(t.Context(), key)
			if err != nil || bytes.Contains(b, []byte("JFIF")) || bytes.Contains(b, []byte(files.Place)) {
				t.Errorf("what lies in the bucket can be read: %v", err)
			}
		}
		_, err := c.s.OpenOwn(t.Context(), o, a.Ref)
		is(t, err, "file.not_checked")
		if err := c.check(t); err != nil {
			t.Fatal(err)
		}
		a = c.list(t, o)[0]
		if a.State != civic.FileClean || a.Name != "Ảnh chụp.jpg" || a.Type != "image/jpeg" {
			t.Errorf("looked into: %+v", a)
		}
		content, err := c.s.OpenOwn(t.Context(), o, a.Ref)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if _, err := io.Copy(&got, content.Reader(t.Context())); err != nil || int64(got.Len()) != a.Size || bytes.Contains(got.Bytes(), []byte(files.Place)) {
			t.Errorf("%d bytes of %d, %v", got.Len(), a.Size, err)
		}
		if n := len(c.blobs(t)); n != 1 {
			t.Errorf("%d blobs are left", n)
		}
	})
}

func TestABrokenUploadGoesOn(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, c *cabinet) {
		o, _ := c.draft(t)
		whole := bytes.Repeat([]byte("Số liệu quan trắc. "), 60_000)
		n := attachments.New{Name: "a.txt", Size: int64(len(whole)), Mark: "a|1"}
		a, err := c.s.Begin(t.Context(), o, n)
		if err != nil {
			t.Fatal(err)
		}
		add := func(from, to int) error {
			got, err := c.s.Append(t.Context(), o, a.Ref, int64(from), whole[from:to])
			if err == nil && to == len(whole) && got.State != civic.FileWaiting {
				t.Errorf("all has come, and it is %s", got.State)
			}
			return err
		}
		if err := add(0, 500_000); err != nil {
			t.Fatal(err)
		}
		is(t, add(0, 500_000), "file.wrong_offset")       // said twice
		is(t, add(600_000, 700_000), "file.wrong_offset") // a piece is missing
		again, err := c.s.Begin(t.Context(), o, n)
		if err != nil || again.Ref != a.Ref || again.Received != 500_000 {
			t.Errorf("begun again: %+v, %v", again, err)
		}
		other, err := c.s.Begin(t.Context(), o, attachments.New{Name: "a.txt", Size: n.Size, Mark: "a|2"}) // another content
		if err != nil || other.Ref == a.Ref {
			t.Errorf("another file goes on in its place: %v", err)
		}
		if err := c.s.CleanUp(t.Context(), o, other.Ref); err != nil {
			t.Fatal(err)
		}
		is(t, add(500_000, len(whole)), "")
		if err := c.check(t); err != nil {
			t.Fatal(err)
		}
		content, err := c.s.OpenOwn(t.Context(), o, a.Ref)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if _, err := io.Copy(&got, content.Reader(t.Context())); err != nil || !bytes.Equal(got.Bytes(), whole) {
			t.Errorf("%d bytes of %d are the same, %v", got.Len(), len(whole), err)
		}
	})
}

func TestOfTwoTabsOneIsHeard(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, c *cabinet) {
		o, _ := c.draft(t)
		a, err := c.s.Begin(t.Context(), o, attachments.New{Name: "a.txt", Size: 8, Mark: "m"})
		if err != nil {
			t.Fatal(err)
		}
		var tabs sync.WaitGroup
		var mu sync.Mutex
		heard := 0
		for range 4 {
			tabs.Go(func() {
				_, err := c.s.Append(t.Context(), o, a.Ref, 0, []byte("four"))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					heard++
				} else if errs.CodeOf(err) != "file.wrong_offset" {
					t.Errorf("%v", err)
				}
			})
		}
		tabs.Wait()
		if heard != 1 || len(c.blobs(t)) != 1 {
			t.Errorf("%d were heard, %d pieces are stored", heard, len(c.blobs(t)))
		}
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	c := newCabinet(t, house.New(t))
	o, _ := c.draft(t)
	text := func(n int, fill string) []byte { return bytes.Repeat([]byte(fill), n) }
	_, err := c.s.Begin(t.Context(), o, attachments.New{Name: "a", Size: 3<<20 + 1})
	is(t, err, "file.too_large")
	_, err = c.s.Put(t.Context(), o, "a", bytes.NewReader(text(3<<20+1, "a")))
	is(t, err, "file.too_large")
	for _, why := range []error{errors.New("the line broke"), io.ErrUnexpectedEOF} { // the latter is what net/http says
		_, err = c.s.Put(t.Context(), o, "a", io.MultiReader(bytes.NewReader(text(2<<20-1, "a")), iotest.ErrReader(why)))
		if err == nil || len(c.list(t, o)) != 0 || len(c.blobs(t)) != 0 {
			t.Errorf("half a stream left %d files, %d blobs: %v", len(c.list(t, o)), len(c.blobs(t)), err)
		}
	}
	c.put(t, o, "a", text(3<<20, "a"))
	_, err = c.s.Put(t.Context(), o, "b", bytes.NewReader(text(3<<20, "b")))
	is(t, err, "file.total_too_large")
	c.put(t, o, "b", text(10, "b"))
	if same := c.put(t, o, "again", text(10, "b")); same.Name != "b" || len(c.list(t, o)) != 2 {
		t.Errorf("the same file came twice: %+v", same)
	}
	_, err = c.s.Put(t.Context(), o, "c", bytes.NewReader(text(2<<20, "c")))
	is(t, err, "file.total_too_large")
	if n := len(c.list(t, o)); n != 2 || len(c.blobs(t)) != 4 {
		t.Errorf("what did not fit left %d files, %d blobs", n, len(c.blobs(t)))
	}
	if empty := c.put(t, o, "e", nil); empty.State != civic.FileRefused || empty.Reason != inspect.CodeEmpty {
		t.Errorf("an empty file: %+v", empty)
	}
	c.put(t, o, "c", text(11, "c"))
	_, err = c.s.Begin(t.Context(), o, attachments.New{Name: "d", Size: 1})
	is(t, err, "file.too_many")
	_, err = c.s.Put(t.Context(), o, "d", strings.NewReader("d"))
	is(t, err, "file.too_many")
	if same := c.put(t, o, "when it is full", text(11, "c")); same.Name != "c" {
		t.Errorf("sent twice when it is full: %+v", same)
	}
	_, err = c.s.Append(t.Context(), o, "none", 0, []byte("x"))
	is(t, err, "file.not_found")
}

func TestNobodyReachesTheFilesOfOthers(t *testing.T) {
	t.Parallel()
	c := newCabinet(t, house.New(t))
	mine, _ := c.draft(t)
	other, _ := c.draft(t)
	sender, sub := c.sender(t)
	a := c.put(t, mine, "a.txt", []byte("của tôi"))
	if err := c.check(t); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]attachments.Owner{
		"another draft": other, "a sender": sender, "a made-up draft": attachments.OfDraft("x"),
		"a sender of another case": attachments.OfSender(civic.SenderOf(sub.ID+1), sub.Code), "the public": attachments.OfSender(civic.Public, sub.Code),
	} {
		if _, err := c.s.OpenOwn(t.Context(), o, a.Ref); errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s opens it: %v", name, err)
		}
		if err := c.s.CleanUp(t.Context(), o, a.Ref); errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s removes it: %v", name, err)
		}
		if _, err := c.s.Append(t.Context(), o, a.Ref, 0, []byte("x")); errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s adds to it: %v", name, err)
		}
	}
}

func TestASenderAddsAFileWhileTheCaseIsOpen(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, c *cabinet) {
		o, sub := c.sender(t)
		a := c.put(t, o, "a.txt", []byte("thêm số liệu"))
		if got := c.Case(t, sub.Code); got.Version != 2 || c.CountEvents(t, sub.Code, civic.EventFileAdded) != 1 {
			t.Errorf("the history has no line: version %d", got.Version)
		}
		is(t, c.s.CleanUp(t.Context(), o, a.Ref), "file.part_of_case")
		if err := c.check(t); err != nil {
			t.Fatal(err)
		}
		staff := c.Staff(t, civic.RoleCoordinator, "")
		if list, err := c.s.OfCase(t.Context(), staff, sub.Code); err != nil || len(list) != 1 || list[0].State != civic.FileClean {
			t.Errorf("staff see %+v, %v", list, err)
		}
		if _, err := c.s.OpenForStaff(t.Context(), staff, sub.Code, a.Ref); err != nil {
			t.Error(err)
		}
		_, err := c.s.OpenForStaff(t.Context(), c.Staff(t, civic.RoleOfficer, house.Education), sub.Code, a.Ref)
		is(t, err, "submission.not_found")
		c.Change(t, sub.Code, func(s *civic.Submission) { s.State = civic.Withdrawn })
		_, err = c.s.Put(t.Context(), o, "b.txt", strings.NewReader("zu spät"))
		is(t, err, "file.case_closed")
	})
}

func TestThePublicOpensWhatWasPublished(t *testing.T) {
	t.Parallel()
	c := newCabinet(t, house.New(t))
	o, sub := c.sender(t)
	shown, kept := c.put(t, o, "a.txt", []byte("công khai")), c.put(t, o, "b.txt", []byte("riêng"))
	if err := c.check(t); err != nil {
		t.Fatal(err)
	}
	c.Do(t, func(tx store.Tx) error { return tx.Attachments().SetPublic(t.Context(), sub.ID, []string{shown.Ref}) })
	open := func(ref string) error {
		_, err := c.s.OpenPublic(t.Context(), sub.Code, ref)
		return err
	}
	is(t, open(shown.Ref), "submission.not_found")
	c.Change(t, sub.Code, func(s *civic.Submission) { s.Visibility = civic.PublicOpen })
	is(t, open(shown.Ref), "")
	is(t, open(kept.Ref), "file.not_found")
	if list, err := c.s.PublicOf(t.Context(), sub.Code); err != nil || len(list) != 1 || list[0].Ref != shown.Ref {
		t.Errorf("the public sees %+v, %v", list, err)
	}
	c.Change(t, sub.Code, func(s *civic.Submission) { s.Visibility = civic.TakenDown })
	is(t, open(shown.Ref), "submission.taken_down")
}

func TestAFileWaitsUntilTheScannerAnswers(t *testing.T) {
	t.Parallel()
	c := newCabinet(t, house.New(t))
	daemon := testkit.NewClamd(t, files.EICAR)
	scanner, err := clamd.New(daemon.Address)
	if err != nil {
		t.Fatal(err)
	}
	c.s.Scanner = scanner
	o, _ := c.draft(t)
	c.put(t, o, "a.txt", []byte("sạch"))
	c.put(t, o, "b.txt", []byte("bẩn "+files.EICAR))
	daemon.Break(true)
	if err := c.check(t); errs.KindOf(err) != errs.Unavailable {
		t.Fatalf("without a scanner: %v", err)
	}
	if list := c.list(t, o); list[0].State != civic.FileWaiting || list[1].State != civic.FileWaiting {
		t.Errorf("without a scanner: %+v", list)
	}
	daemon.Break(false)
	if err := c.check(t); err != nil {
		t.Fatal(err)
	}
	list := c.list(t, o)
	if list[0].State != civic.FileClean || list[1].State != civic.FileRefused || list[1].Reason != attachments.CodeInfected || daemon.Scanned() != 2 {
		t.Errorf("scanned: %+v", list)
	}
	if n := len(c.blobs(t)); n != 1 {
		t.Errorf("%d blobs are left", n)
	}
}

func TestTheLastFileLetsTheSubmissionGoOn(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, c *cabinet) {
		o, token := c.draft(t)
		c.put(t, o, "a.txt", []byte("một"))
		c.put(t, o, "b.txt", []byte("hai"))
		r := store.Receipt{Submission: c.Receive(t, nil), Draft: attachments.DraftHash(token)}
		r.Submission.ID, r.Submission.Code = 0, "HK0000000009"
		r.Jobs = []store.Job{{Kind: store.JobMatch, CreatedAt: c.Clock.Now(), NextAt: c.Clock.Now().Add(casework.MatchAfter)}}
		got, err := c.Store.Receive(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		resting := func() bool {
			return slices.ContainsFunc(c.Jobs(t, store.JobMatch), func(j store.Job) bool { return j.Subject == int64(got.ID) && !j.NextAt.IsZero() })
		}
		jobs := c.Jobs(t, store.JobCheck)
		for i, want := range []bool{true, false} {
			if err := c.s.Check(t.Context(), jobs[i].ID, civic.AttachmentID(jobs[i].Subject)); err != nil {
				t.Fatal(err)
			}
			if resting() != want {
				t.Errorf("after %d files it rests: %v", i+1, !want)
			}
		}
		_, err = c.s.Put(t.Context(), o, "c.txt", strings.NewReader("muộn"))
		is(t, err, "draft.sent")
	})
}

func TestAFileFinishedWhileTheDraftIsSentIsTakenOrTold(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, c *cabinet) {
		for i := range 8 {
			o, token := c.draft(t)
			a, err := c.s.Begin(t.Context(), o, attachments.New{Name: "a.txt", Size: 3})
			if err != nil {
				t.Fatal(err)
			}
			r := store.Receipt{Submission: c.Receive(t, nil), Draft: attachments.DraftHash(token)}
			r.Submission.ID, r.Submission.Code = 0, civic.Code("HK000000010"+string(rune('0'+i)))
			var both sync.WaitGroup
			var finished error
			both.Go(func() { _, finished = c.s.Append(t.Context(), o, a.Ref, 0, []byte("abc")) })
			got, err := c.Store.Receive(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			both.Wait()
			var rows []store.Attachment
			c.View(t, func(tx store.Tx) (err error) {
				rows, err = tx.Attachments().OfSubmission(context.WithoutCancel(t.Context()), got.ID)
				return err
			})
			if taken := len(rows) == 1; taken != (finished == nil) && errs.CodeOf(finished) != "draft.sent" {
				t.Errorf("taken %v, told %v", taken, finished)
			} else if !taken && finished == nil {
				t.Error("it was acknowledged and lost")
			}
		}
	})
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"../../etc/passwd":                "passwd",
		`C:\Users\x\Đơn kiến nghị.docx`:   "Đơn kiến nghị.docx",
		"a\u202Efdp.exe":                  "afdp.exe",
		"a\x00b\r\nc.txt":                 "abc.txt",
		"  .. ":                           "tep",
		"":                                "tep",
		"tên\u200B ẩn.pdf":                "tên ẩn.pdf",
		`a<b>"c".pdf`:                     "a_b__c_.pdf",
		strings.Repeat("ệ", 300) + ".pdf": strings.Repeat("ệ", 65) + ".pdf",
		"\xff\xfe.pdf":                    "tep.pdf",
	} {
		if got := attachments.CleanName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
