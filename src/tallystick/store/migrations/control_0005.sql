-- Connections that were linked before there was a schedule are looked at once: their files know when they are due.
update directory set next_due_at = 0 where status = 'Linked' and next_due_at is null;
