/* The shared vectors, in flash. */
    .section .rodata.vectors, "a", %progbits
    .global vectors_start, vectors_end
vectors_start:
    .incbin "pbx.tsv"
vectors_end:

/* And those of the policy with sets. */
    .global members_start, members_end
members_start:
    .incbin "members.tsv"
members_end:
    .section .note.GNU-stack, "", %progbits
