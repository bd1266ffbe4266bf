/** Where pictures are uploaded: the first is ours, the second the one of Dreamverse. */
export const uploadPaths = ['/uploads', '/assets'] as const;

/** The last part of the route of one upload; other paths below are files of a page. */
export const uploadIdPart = ':id(^[0-9a-f]{32}$)';
